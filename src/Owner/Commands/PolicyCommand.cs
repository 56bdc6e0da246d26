using System.CommandLine;
using Pavise.Owner.Commands.Policies;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands;

/// <summary>`pavise policy`: from the owner's YAML to what a launch binds.</summary>
internal static class PolicyCommand
{
    internal static Command Create() => new("policy", "Policies: what the host may cause and see.")
    {
        PolicyCheckCommand.Create(),
        PolicyCompileCommand.Create(),
        PolicyDigestCommand.Create(),
        PolicyGenerateCommand.Create(),
        PolicyPermittedCommand.Create(),
        PolicyDiffCommand.Create(),
        PolicyExplainCommand.Create(),
        PolicyAnnotateCommand.Create(),
        PolicySchemaCommand.Create(),
        PolicySignCommand.Create(),
        PolicyVerifyCommand.Create(),
        Simple("annotation", "Prints the value of the annotation dev.pavise.policy.", policy => PolicyAnnotation.Encode(policy.CanonicalBytes.Span)),
    };

    internal static Argument<string> File() => new("FILE") { Description = "The policy, YAML or JSON; - for standard input." };

    private static Command Simple(string name, string description, Func<PolicyDocument, string> result)
    {
        Argument<string> file = File();
        Command command = new(name, description) { file };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(result(PolicySourceFile.Read(parsed.GetRequiredValue(file))));
            return CommandLine.Done;
        });
        return command;
    }
}
