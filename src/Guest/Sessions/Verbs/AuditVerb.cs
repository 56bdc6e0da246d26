using Google.Protobuf;
using Pavise.Guest.Shield;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>Every decision that is kept, page by page, with the chain before and after each.</summary>
internal static class AuditVerb
{
    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        context.Decide<OwnerPlan>(new OwnerAudit(context.Owner), "");
        AuditSnapshot audit = context.Shield.Audit.Snapshot();
        string wanted = context.Request.Audit.Id;
        await context.AcceptAsync(cancellation);
        foreach (AuditEntry[] entries in audit.Entries.Where(e => wanted.Length == 0 || e.Id == wanted).Chunk(SessionProtocolLimits.AuditPageEntries))
        {
            AuditPage page = new();
            page.Entries.AddRange(entries.Select(Record));
            await context.Connection.WriteAsync(new ServerFrame { Audit = page }, cancellation);
        }

        AuditPage last = new() { Head = ByteString.CopyFrom(audit.Head), Sequence = audit.Sequence };
        last.Counts.AddRange(audit.Folded.Select(f => new AuditCount { Point = f.Key.Point.ToString(), Rule = f.Key.Rule, Count = f.Value }));
        await context.Connection.WriteAsync(new ServerFrame { Audit = last }, cancellation);
        await context.DoneAsync(cancellation);
    }

    private static AuditRecord Record(AuditEntry e) => new()
    {
        Id = e.Id,
        Sequence = e.Sequence,
        UnixMs = e.UnixMs,
        Point = e.Point.ToString(),
        Permitted = e.Permitted,
        Subject = e.Subject,
        Rule = e.Rule,
        Reason = e.Reason,
        Hint = e.Hint,
        Before = ByteString.CopyFrom(e.Before),
        After = ByteString.CopyFrom(e.After),
        Cut = e.IsCut,
    };
}
