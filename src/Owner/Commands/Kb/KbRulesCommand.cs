using System.CommandLine;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb rules`: the release rules, one a line.</summary>
internal static class KbRulesCommand
{
    internal static Command Create(AdminOptions options)
    {
        Command command = new("rules", "Lists the release rules: number, then the rule as JSON.");
        command.SetAction(async (parsed, cancellation) =>
        {
            await using AdminClient client = options.Open(parsed);
            List<string> lines = await client.JsonAsync(
                "GET", "/admin/v1/rules", null,
                root => root.GetProperty("rules").EnumerateArray().Select(r => $"{r.GetProperty("id").GetInt64()}\t{r.GetProperty("rule").GetRawText()}").ToList(), cancellation);
            lines.ForEach(parsed.InvocationConfiguration.Output.WriteLine);
            return CommandLine.Done;
        });
        return command;
    }
}
