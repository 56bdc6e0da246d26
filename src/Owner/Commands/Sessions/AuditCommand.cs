using System.CommandLine;
using System.Globalization;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise audit POD`: every decision that the shield keeps; `show` explains one by the number that the host was told; `verify` checks the chain.</summary>
internal static class AuditCommand
{
    internal static Command Create()
    {
        Command command = Of("audit", "Lists the decisions of a pVM's shield.", null, (output, audit) => List(output, audit), out _);
        Argument<string> id = new("DECISION") { Description = "The decision's number, as the host was told it." };
        command.Subcommands.Add(Of("show", "Explains one decision: rule, reason, hint.", id, Show, out _));
        Command verify = Of("verify", "Checks that the decisions are chained without a break, and lead to heads that the key broker has seen.", null, (_, _) => 0, out Action<Func<ParseResult, TextWriter, Audit, int>> set);
        Option<string[]> heads = new("--head") { Description = "SEQUENCE:HASH of a head that the key broker's audit shows for this boot. May be repeated." };
        verify.Options.Add(heads);
        set((parsed, output, audit) => Verify(output, audit, parsed.GetValue(heads) ?? []));
        command.Subcommands.Add(verify);
        return command;
    }

    private static Command Of(string name, string description, Argument<string>? id, Func<TextWriter, Audit, int> print, out Action<Func<ParseResult, TextWriter, Audit, int>> set)
    {
        Argument<string> pod = new("POD") { Description = "The pod, or what the carrier calls it." };
        Command command = new(name, description) { pod };
        if (id is not null)
        {
            command.Arguments.Add(id);
        }

        SessionOptions options = new(command);
        Func<ParseResult, TextWriter, Audit, int> chosen = (_, output, audit) => print(output, audit);
        set = given => chosen = given;
        command.SetAction(async (parsed, cancellation) =>
        {
            await using SessionClient session = await options.ConnectAsync(parsed, parsed.GetRequiredValue(pod), cancellation);
            Audit audit = await SessionOptions.GuardAsync(() => ReadAsync(session, id is null ? "" : parsed.GetRequiredValue(id), cancellation));
            return chosen(parsed, parsed.InvocationConfiguration.Output, audit);
        });
        return command;
    }

    private static async Task<Audit> ReadAsync(SessionClient session, string id, CancellationToken cancellation)
    {
        await session.BeginAsync(new Request { Audit = new AuditRequest { Id = id } }, cancellation);
        List<AuditRecord> entries = [];
        AuditPage last = new();
        ServerFrame frame;
        while ((frame = await session.ReadAsync(cancellation)).Done is null)
        {
            entries.AddRange(frame.Audit?.Entries ?? []);
            last = frame.Audit ?? last;
        }

        await session.EndAsync();
        return new(session.Boot, entries, last);
    }

    private static int List(TextWriter output, Audit audit)
    {
        foreach (AuditRecord e in audit.Entries)
        {
            output.WriteLine($"{e.Sequence,6} {e.Id} {Time(e)} {(e.Permitted ? "permitted" : "REFUSED  ")} {e.Point,-16} {Printable(e.Subject)}{(e.Reason.Length > 0 ? $": {Printable(e.Reason)}" : "")}");
        }

        foreach (AuditCount c in audit.Last.Counts)
        {
            output.WriteLine($"       {c.Count} more of {c.Point}, {c.Rule}");
        }

        output.WriteLine($"boot {audit.Boot}, {audit.Last.Sequence} decisions, head {Convert.ToHexStringLower(audit.Last.Head.Span)}");
        return CommandLine.Done;
    }

    private static int Show(TextWriter output, Audit audit)
    {
        foreach (AuditRecord e in audit.Entries)
        {
            output.WriteLine($"decision {e.Id}, {(e.Permitted ? "permitted" : "refused")}, number {e.Sequence}, {Time(e)}");
            output.WriteLine($"point    {e.Point}");
            output.WriteLine($"subject  {Printable(e.Subject)}");
            output.WriteLine($"rule     {Printable(e.Rule)}");
            output.WriteLine($"reason   {Printable(e.Reason)}");
            output.WriteLine($"hint     {Printable(e.Hint)}");
        }

        return audit.Entries.Count > 0 ? CommandLine.Done : throw new OwnerException("no decision of this number is kept", "`pavise audit` lists those that are");
    }

    private static int Verify(TextWriter output, Audit audit, string[] heads)
    {
        List<string> problems = [.. AuditChain.Check(audit.Entries, audit.Last.Head.Span, audit.Last.Sequence)];
        foreach (string head in heads)
        {
            string[] parts = head.Split(':');
            ulong sequence = parts.Length == 2 && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : throw new OwnerException($"--head is SEQUENCE:HASH, not {head}");
            string? known = sequence == audit.Last.Sequence ? Convert.ToHexStringLower(audit.Last.Head.Span)
                : audit.Entries.FirstOrDefault(e => e.Sequence == sequence) is { } e ? Convert.ToHexStringLower(e.After.Span)
                : null;
            if (sequence > audit.Last.Sequence)
            {
                problems.Add($"the key broker has seen {sequence} decisions of this boot, the pVM shows {audit.Last.Sequence}: it was cut, or this is another boot");
            }
            else if (known is null)
            {
                output.WriteLine($"head {sequence}: the entry is kept no more, so it cannot be compared");
            }
            else if (!string.Equals(known, parts[1], StringComparison.OrdinalIgnoreCase))
            {
                problems.Add($"head {sequence} is not the one that the key broker has seen");
            }
        }

        problems.ForEach(p => output.WriteLine($"WRONG: {p}"));
        ulong kept = (ulong)audit.Entries.Count;
        output.WriteLine($"boot {audit.Boot}: {audit.Last.Sequence} decisions, {kept} kept one by one, {(problems.Count == 0 ? "chained without a break" : $"{problems.Count} wrong")}");
        return problems.Count == 0 ? CommandLine.Done : CommandLine.Failed;
    }

    private static string Time(AuditRecord e) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(e.UnixMs, 0, 253_402_300_799_999)).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private sealed record Audit(string Boot, IReadOnlyList<AuditRecord> Entries, AuditPage Last);
}
