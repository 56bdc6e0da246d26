using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb list`: what there is, without contents.</summary>
internal static class KbListCommand
{
    internal static Command Create(AdminOptions options)
    {
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("list", "Lists the secrets, without contents.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using AdminClient client = options.Open(parsed);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                output.WriteLine(Encoding.UTF8.GetString(await client.SendAsync("GET", "/admin/v1/resources", null, cancellation)));
                return CommandLine.Done;
            }

            foreach (string line in await client.JsonAsync("GET", "/admin/v1/resources", null, Lines, cancellation))
            {
                output.WriteLine(line);
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static List<string> Lines(JsonElement root) =>
    [
        .. root.GetProperty("resources").EnumerateArray().Select(r =>
            $"kbs:///{r.GetProperty("resource").GetString()}  version {r.GetProperty("version").GetInt64()}  {r.GetProperty("bytes").GetInt32()} bytes  {KbCommand.Time(r.GetProperty("updated").GetInt64())}"),
    ];
}
