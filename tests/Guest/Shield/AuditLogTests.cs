using CsCheck;
using Pavise.Guest.Shield;
using Pavise.Policy;

namespace Pavise.Guest.Tests.Shield;

public sealed class AuditLogTests
{
    private readonly AuditLog log = new(TimeProvider.System);

    [Fact]
    public void A_flood_of_refusals_is_counted_and_pushes_out_nothing_that_was_permitted()
    {
        AuditEntry created = log.Add(DecisionPoint.CreateContainer, true, "c1", "containers[redis]", "");
        for (int i = 0; i < AuditLog.RefusedKept + 500; i++)
        {
            log.Add(DecisionPoint.ExecProcess, false, "c1", "containers[redis].exec", $"refusal {i}");
        }

        var (entries, folded, _, _) = log.Snapshot();
        Assert.Contains(created, entries);
        Assert.Equal(AuditLog.RefusedKept, entries.Count(e => !e.Permitted));
        Assert.Equal(500ul, folded[(DecisionPoint.ExecProcess, "containers[redis].exec")]);
    }

    [Fact]
    public void A_flood_of_questions_pushes_out_nothing_that_changed_something()
    {
        AuditEntry started = log.Add(DecisionPoint.StartContainer, true, "c1", "", "");
        for (int i = 0; i < AuditLog.DeedsKept + 1; i++)
        {
            log.Add(DecisionPoint.ReadStats, true, "c1", "", "");
        }

        Assert.Contains(started, log.Snapshot().Entries);
    }

    [Theory]
    [InlineData(DecisionPoint.SetClock)]
    [InlineData(DecisionPoint.OpenStream)]
    [InlineData(DecisionPoint.CloseStdin)]
    [InlineData(DecisionPoint.SignalProcess)]
    [InlineData(DecisionPoint.PauseContainer)]
    [InlineData(DecisionPoint.ResumeContainer)]
    [InlineData(DecisionPoint.UpdateResources)]
    public void What_the_host_may_do_over_and_over_pushes_out_no_deed(DecisionPoint point)
    {
        AuditEntry created = log.Add(DecisionPoint.CreateContainer, true, "c1", "", "");
        const int flood = AuditLog.DeedsKept + AuditLog.RepeatsKept;
        for (int i = 0; i < flood; i++)
        {
            log.Add(point, true, "c1", "", "");
        }

        var (entries, folded, _, _) = log.Snapshot();
        Assert.Contains(created, entries);
        Assert.Equal((ulong)flood, (ulong)entries.Count - 1 + folded[(point, AuditLog.Permissions)]);
    }

    [Fact]
    public void Deeds_that_are_too_many_are_counted_when_they_are_pushed_out()
    {
        for (int i = 0; i < AuditLog.DeedsKept + 7; i++)
        {
            log.Add(DecisionPoint.ExecProcess, true, "c1", "", "");
        }

        var (entries, folded, _, _) = log.Snapshot();
        Assert.Equal(AuditLog.DeedsKept, entries.Count);
        Assert.Equal(7ul, folded[(DecisionPoint.ExecProcess, AuditLog.Permissions)]);
    }

    [Fact]
    public void Refusals_of_ever_new_rules_are_counted_in_bounded_memory_and_none_is_lost()
    {
        const int flood = AuditLog.RefusedKept + AuditLog.FoldedKept + 300;
        for (int i = 0; i < flood; i++)
        {
            log.Add(DecisionPoint.ExecProcess, false, "c1", $"rule {i}", "");
        }

        var (entries, folded, _, _) = log.Snapshot();
        Assert.Equal(AuditLog.FoldedKept + 1, folded.Count);
        Assert.Equal(300ul, folded[(DecisionPoint.ExecProcess, AuditLog.OtherRules)]);
        Assert.Equal((ulong)flood, (ulong)entries.Count + folded.Values.Aggregate((a, b) => a + b));
    }

    [Fact]
    public void Text_that_the_host_chose_is_kept_only_in_part_and_chained_wholly()
    {
        string text = new('x', 1_000_000);
        AuditEntry entry = log.Add(DecisionPoint.CreateContainer, true, "c1", "", text);
        byte[] head = log.Head;
        Assert.InRange(entry.Reason.Length, 1, AuditLog.TextKept + 1);
        Assert.Equal(head, AuditLog.Chain(new byte[32], 1, entry.UnixMs, DecisionPoint.CreateContainer, true, "c1", "", text, ""));
        Assert.NotEqual(head, AuditLog.Chain(new byte[32], 1, entry.UnixMs, DecisionPoint.CreateContainer, true, "c1", "", text[1..], ""));
    }

    [Fact]
    public void Different_entries_never_make_the_same_chain() =>
        Gen.Select(Gen.String.Array[4], Gen.String.Array[4]).Sample((a, b) =>
            a.SequenceEqual(b) == Chained(a).AsSpan().SequenceEqual(Chained(b)));

    [Fact]
    public void Moving_characters_between_fields_changes_the_chain() =>
        Assert.NotEqual(Chained(["a\nb", "c", "", ""]), Chained(["a", "b\nc", "", ""]));

    [Fact]
    public void The_id_that_the_host_hears_is_the_beginning_of_the_chains_head()
    {
        AuditEntry entry = log.Add(DecisionPoint.SignalProcess, false, "c1", "rule", "reason");
        Assert.Equal(Convert.ToHexStringLower(log.Head)[..8], entry.Id);
    }

    private static byte[] Chained(string[] texts) => AuditLog.Chain(new byte[32], 1, 2, DecisionPoint.ExecProcess, false, texts);
}
