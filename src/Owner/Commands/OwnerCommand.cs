using System.CommandLine;
using Pavise.Owner.Keys;

namespace Pavise.Owner.Commands;

/// <summary>`pavise owner init` and `show`: who the owner is.</summary>
internal static class OwnerCommand
{
    internal static Command Create()
    {
        Option<string?> config = OwnerHome.Option();
        Command command = new("owner", "The owner's keys: sign policies and administer brokers; open what is sealed.") { config };
        command.Subcommands.Add(Init(config));
        command.Subcommands.Add(Show(config));
        return command;
    }

    private static Command Init(Option<string?> config)
    {
        Option<string> name = new("--name") { Description = "The owner's name, as policies and rules use it.", DefaultValueFactory = _ => "owner" };
        Option<string?> password = OwnerKeys.PasswordOption();
        Command command = new("init", "Makes a signing and a sealing key (P-384), readable by this user only.") { name, password };
        command.Validators.Add(result =>
        {
            string text = result.GetValue(name) ?? "";
            bool good = text.Length is > 0 and <= 63 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
            if (result.GetResult(name) is { Implicit: false } && !good)
            {
                result.AddError("--name is 1 to 63 of a-z 0-9 -.");
            }
        });
        command.SetAction(parsed =>
        {
            OwnerHome home = OwnerHome.Of(parsed, config);
            Print(parsed.InvocationConfiguration.Output, OwnerKeys.Create(home, parsed.GetRequiredValue(name), OwnerKeys.Password(parsed, password)));
            parsed.InvocationConfiguration.Error.WriteLine($"the private keys are in {home.Folder}; keep a copy in a safe place: without them nothing that is sealed can be opened");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Show(Option<string?> config)
    {
        Command command = new("show", "Prints the owner as a policy names it.");
        command.SetAction(parsed =>
        {
            Print(parsed.InvocationConfiguration.Output, OwnerIdentity.Read(OwnerHome.Of(parsed, config)));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, OwnerIdentity identity)
    {
        output.WriteLine("owners:");
        output.WriteLine($"  - name: {identity.Name}");
        output.WriteLine($"    signKey: {Convert.ToBase64String(identity.SignKey)}");
        output.WriteLine($"    sealKey: {Convert.ToBase64String(identity.SealKey)}");
    }
}
