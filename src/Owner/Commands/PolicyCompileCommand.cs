using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands;

/// <summary>`pavise policy compile FILE`: the canonical JSON that a guest reads and a launch binds.</summary>
internal static class PolicyCompileCommand
{
    internal static Command Create()
    {
        Argument<string> file = PolicyCommand.File();
        Option<string?> output = new("--output", "-o") { Description = "The file to write; standard output without it." };
        Command command = new("compile", "Writes the canonical JSON (RFC 8785) of a policy.") { file, output };
        command.SetAction(parsed =>
        {
            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(file));
            if (parsed.GetValue(output) is { } path)
            {
                System.IO.File.WriteAllBytes(path, policy.CanonicalBytes.ToArray());
            }
            else
            {
                parsed.InvocationConfiguration.Output.Write(System.Text.Encoding.UTF8.GetString(policy.CanonicalBytes.Span));
            }

            return CommandLine.Done;
        });
        return command;
    }
}
