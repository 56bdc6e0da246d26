using System.CommandLine;
using Pavise.Owner.Broker;
using Pavise.Session;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb delete RESOURCE`.</summary>
internal static class KbDeleteCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<string> resource = KbCommand.Resource();
        Command command = new("delete", "Deletes a secret. Its rules stay.") { resource };
        command.SetAction(async (parsed, cancellation) =>
        {
            ResourceUri uri = KbCommand.Parse(parsed.GetRequiredValue(resource));
            await using AdminClient client = options.Open(parsed);
            await client.SendAsync("DELETE", "/admin/v1/resource/" + uri.Path, null, cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{uri}: deleted");
            return CommandLine.Done;
        });
        return command;
    }
}
