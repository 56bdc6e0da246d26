using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pavise.Owner.Broker;
using Pavise.Owner.Keys;
using Pavise.Session;
using Pavise.Session.Admin;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb audit` and `audit verify`.</summary>
internal static class KbAuditCommand
{
    private const int Page = 1000;

    internal static Command Create(AdminOptions options)
    {
        Option<long> from = new("--from") { Description = "First entry.", DefaultValueFactory = _ => 1 };
        Option<bool> json = new("--json") { Description = "Print each entry's own JSON." };
        Command command = new("audit", "Prints the audit.") { from, json };
        command.Subcommands.Add(Verify(options));
        command.SetAction(async (parsed, cancellation) =>
        {
            await using AdminClient client = options.Open(parsed);
            TextWriter output = parsed.InvocationConfiguration.Output;
            await foreach (AuditRecord record in ReadAsync(client, parsed.GetValue(from), cancellation))
            {
                using JsonDocument document = JsonDocument.Parse(record.Text);
                output.WriteLine(parsed.GetValue(json) ? record.Text : AuditLine.Of(document.RootElement));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Verify(AdminOptions options)
    {
        Command command = new("verify", "Checks the audit's chain of hashes here, and that it still contains the end that was seen last time.");
        command.SetAction(async (parsed, cancellation) =>
        {
            await using AdminClient client = options.Open(parsed);
            OwnerHome home = options.Home(parsed);
            string broker = BrokerProfile.Read(home).Pin;
            (long Sequence, string Hash) seen = AuditEnds.Read(home).GetValueOrDefault(broker);
            AuditRecord last = new(0, "", AuditRecord.Beginning);
            await foreach (AuditRecord record in ReadAsync(client, 1, cancellation))
            {
                if (AuditRecord.Follows(last.Sequence, last.Hash, record) is { } problem)
                {
                    throw new OwnerException($"NOT intact: {problem}");
                }

                if (record.Sequence == seen.Sequence && Convert.ToHexStringLower(record.Hash) != seen.Hash)
                {
                    throw new OwnerException($"NOT intact: entry {record.Sequence} is not the one that was seen before: the audit was written anew");
                }

                last = record;
            }

            if (last.Sequence < seen.Sequence)
            {
                throw new OwnerException($"NOT intact: the audit ends at {last.Sequence}, but {seen.Sequence} was seen before: it was cut, or the database was put back");
            }

            string? own = await client.JsonAsync("GET", "/admin/v1/audit/verify", null, root => root.GetProperty("intact").GetBoolean() ? null : root.Text("problem", 4096), cancellation);
            if (own is not null)
            {
                throw new OwnerException($"NOT intact, says the broker: {own}");
            }

            AuditEnds.Write(home, broker, last);
            parsed.InvocationConfiguration.Output.WriteLine($"intact: {last.Sequence} entries, head {Convert.ToHexStringLower(last.Hash)}");
            return CommandLine.Done;
        });
        return command;
    }

    private static async IAsyncEnumerable<AuditRecord> ReadAsync(AdminClient client, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (long next = Math.Max(1, from); ;)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/admin/v1/audit?from={next}&most={Page}");
            List<AuditRecord> records = await client.JsonAsync("GET", path, null, root => root.GetProperty("records").EnumerateArray().Select(Record).ToList(), cancellation);
            foreach (AuditRecord record in records)
            {
                yield return record;
            }

            if (records.Count < Page)
            {
                yield break;
            }

            next = records[^1].Sequence + 1;
        }
    }

    private static AuditRecord Record(JsonElement value) =>
        new(value.GetProperty("seq").GetInt64(), value.GetProperty("text").GetString() ?? "", Convert.FromHexString(value.GetProperty("hash").GetString() ?? ""));
}
