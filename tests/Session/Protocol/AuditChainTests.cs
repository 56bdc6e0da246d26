using System.Security.Cryptography;
using Google.Protobuf;
using Pavise.Session.Protocol;

namespace Pavise.Session.Tests.Protocol;

/// <summary>What an owner finds out about an audit that was changed or cut.</summary>
public sealed class AuditChainTests
{
    [Fact]
    public void A_whole_audit_holds_and_so_does_one_with_entries_that_are_kept_no_more()
    {
        List<AuditRecord> entries = Make(10);
        Assert.Empty(AuditChain.Check(entries, entries[^1].After.Span, 10));
        Assert.Empty(AuditChain.Check([.. entries.Where(e => e.Sequence is not (1 or 4 or 5))], entries[^1].After.Span, 10));
    }

    [Fact]
    public void Any_change_is_found()
    {
        Action<AuditRecord>[] changes =
        [
            e => e.Permitted = !e.Permitted, e => e.Reason += " ", e => e.Rule = "x", e => e.Hint = "x", e => e.Subject = "x", e => e.Point = "Bind", e => e.UnixMs++, e => e.Sequence += 100,
            e => e.Before = ByteString.CopyFrom(new byte[32]), e => e.After = ByteString.CopyFrom(new byte[32]),
        ];
        Assert.All(changes, change =>
        {
            List<AuditRecord> entries = Make(10);
            byte[] head = entries[^1].After.ToByteArray();
            change(entries[4]);
            Assert.NotEmpty(AuditChain.Check(entries, head, 10));
        });
    }

    [Fact]
    public void An_audit_whose_end_is_another_does_not_lead_to_the_head()
    {
        List<AuditRecord> entries = Make(10);
        Assert.NotEmpty(AuditChain.Check(entries, RandomNumberGenerator.GetBytes(32), 10));
        (entries[2], entries[3]) = (entries[3], entries[2]);
        Assert.NotEmpty(AuditChain.Check(entries, entries[^1].After.Span, 10));
    }

    private static List<AuditRecord> Make(int count)
    {
        List<AuditRecord> entries = [];
        byte[] before = new byte[32];
        for (int i = 1; i <= count; i++)
        {
            AuditRecord e = new() { Sequence = (ulong)i, UnixMs = 1000 + i, Point = "ExecProcess", Permitted = i % 2 == 0, Subject = $"c{i}", Rule = "rule", Reason = "reason", Before = ByteString.CopyFrom(before) };
            before = AuditChain.Next(before, e.Sequence, e.UnixMs, e.Point, e.Permitted ? "permitted" : "refused", e.Subject, e.Rule, e.Reason, e.Hint);
            e.After = ByteString.CopyFrom(before);
            entries.Add(e);
        }

        return entries;
    }
}
