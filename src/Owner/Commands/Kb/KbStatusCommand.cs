using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb status`: attested guests, and what happened lately.</summary>
internal static class KbStatusCommand
{
    internal static Command Create(AdminOptions options)
    {
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("status", "Shows attested guests, and the newest entries of the audit.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using AdminClient client = options.Open(parsed);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                output.WriteLine(Encoding.UTF8.GetString(await client.SendAsync("GET", "/admin/v1/status", null, cancellation)));
                return CommandLine.Done;
            }

            (await client.JsonAsync("GET", "/admin/v1/status", null, Lines, cancellation)).ForEach(output.WriteLine);
            return CommandLine.Done;
        });
        return command;
    }

    private static List<string> Lines(JsonElement root)
    {
        List<string> lines =
        [
            $"up since {KbCommand.Time(root.GetProperty("started").GetInt64())}; {root.GetProperty("resources").GetInt32()} secrets, {root.GetProperty("rules").GetInt32()} rules, "
            + $"{root.GetProperty("audit").GetProperty("sequence").GetInt64()} audit entries",
        ];
        lines.AddRange(root.GetProperty("guests").EnumerateArray().Select(g =>
            $"guest {Text(g, "session")}  {Text(g, "workload")}  {Text(g, "tee")}  {Text(g, "address")}  until {KbCommand.Time(g.GetProperty("until").GetInt64())}"));
        lines.AddRange(root.GetProperty("recent").EnumerateArray().TakeLast(20).Select(AuditLine.Of));
        return lines;
    }

    private static string Text(JsonElement owner, string name) => owner.GetProperty(name).GetString() ?? "";
}
