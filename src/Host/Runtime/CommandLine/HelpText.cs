using Pavise.Host.Runtime.Commands;

namespace Pavise.Host.Runtime.CommandLine;

/// <summary>Help for people.</summary>
internal static class HelpText
{
    public static string Version => $"pavise-runtime version {typeof(HelpText).Assembly.GetName().Version?.ToString(3)}\nspec: 1.0.2";

    public static void Write(TextWriter output, IEnumerable<ICommand> commands)
    {
        output.WriteLine("pavise-runtime [global options] COMMAND [options] [arguments]\n\nOCI runtime that runs each container in a process VM, constructed from the owner's policy.\n\nCommands:");
        foreach (ICommand command in commands.Where(c => c.Help.Length > 0))
        {
            output.WriteLine($"  {command.Name,-12} {command.Help}");
        }

        output.WriteLine("\nGlobal options:");
        WriteOptions(output, GlobalOptions.Specs);
    }

    public static void Write(TextWriter output, ICommand command)
    {
        output.WriteLine($"pavise-runtime {command.Name} [options] {command.Usage}\n\n{command.Help}\n");
        WriteOptions(output, command.Options);
    }

    private static void WriteOptions(TextWriter output, IEnumerable<OptionSpec> options)
    {
        foreach (OptionSpec option in options)
        {
            string name = $"--{option.Name}{(option.Short != '\0' ? $", -{option.Short}" : "")}{(option.TakesValue ? " VALUE" : "")}";
            output.WriteLine($"  {name,-28} {option.Help}");
        }
    }
}
