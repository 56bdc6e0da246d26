using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands;

/// <summary>`pavise policy check FILE`: every mistake with its place; exit code 0 when there is none.</summary>
internal static class PolicyCheckCommand
{
    internal static Command Create()
    {
        Argument<string> file = PolicyCommand.File();
        Command command = new("check", "Checks a policy strictly: an unknown key is an error with line, column and a suggestion.") { file };
        command.SetAction(parsed =>
        {
            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(file));
            parsed.InvocationConfiguration.Output.WriteLine($"policy {policy.Name}, version {policy.Version}: {policy.Containers.Length} containers, {policy.CanonicalBytes.Length} bytes, no mistake");
            return CommandLine.Done;
        });
        return command;
    }
}
