using System.CommandLine;
using System.Globalization;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb revoke RULE`: takes a release rule back.</summary>
internal static class KbRevokeCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<long> rule = new("RULE") { Description = "The rule's number, as pavise kb rules prints it." };
        Command command = new("revoke", "Takes a release rule back: nothing more is released by it. What was released before stays released.") { rule };
        command.SetAction(async (parsed, cancellation) =>
        {
            long id = parsed.GetRequiredValue(rule);
            await using AdminClient client = options.Open(parsed);
            await client.SendAsync("DELETE", string.Create(CultureInfo.InvariantCulture, $"/admin/v1/rules/{id}"), null, cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"rule {id}: revoked");
            return CommandLine.Done;
        });
        return command;
    }
}
