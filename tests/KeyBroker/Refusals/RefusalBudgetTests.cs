using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Tests.Support;

namespace Pavise.KeyBroker.Tests.Refusals;

public sealed class RefusalBudgetTests
{
    [Fact]
    public void One_source_uses_up_its_own_minute_only()
    {
        ManualClock clock = new();
        RefusalBudget budget = new(clock);
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => budget.Take("a", 3)));
        Assert.True(budget.Take("b", 3));
        Assert.Equal([new("a", 7)], budget.TakeFolded());
        Assert.Empty(budget.TakeFolded());
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(budget.Take("a", 3));
    }

    [Fact]
    public void All_sources_together_are_bounded_and_nothing_goes_uncounted()
    {
        ManualClock clock = new();
        RefusalBudget budget = new(clock);
        const int sources = 3 * RefusalBudget.Sources, each = 10;
        int written = 0;
        for (int i = 0; i < each; i++)
        {
            written += Enumerable.Range(0, sources).Count(s => budget.Take($"{s}", each));
        }

        Assert.Equal(RefusalBudget.OfAll, written);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(budget.Take("late", each));
        IReadOnlyList<FoldedRefusals> folded = budget.TakeFolded();
        Assert.Equal((sources * each) - written, folded.Sum(f => f.Count));
        Assert.True(folded.Count <= RefusalBudget.Sources + 1);
    }
}
