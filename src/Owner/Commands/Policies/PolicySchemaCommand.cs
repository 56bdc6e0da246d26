using System.CommandLine;
using Pavise.Owner.Policies.Schema;

namespace Pavise.Owner.Commands.Policies;

/// <summary>`pavise policy schema`: JSON Schema of the language, for editors.</summary>
internal static class PolicySchemaCommand
{
    internal static Command Create()
    {
        Command command = new("schema", "Prints the JSON Schema of the policy language, for editors.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(PolicySchema.Text());
            return CommandLine.Done;
        });
        return command;
    }
}
