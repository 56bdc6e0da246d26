using Pavise.KeyBroker.Store;

namespace Pavise.KeyBroker.Auditing;

/// <summary>Writes the counts of refusals that were not written one by one: <c>refusals-counted</c>, one entry a minute with at most some hundred sources.</summary>
internal sealed class FoldedRefusalsWriter : IAsyncDisposable
{
    private const int MostSources = 200;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly RefusalBudget _budget;
    private readonly AuditLog _audit;
    private readonly ITimer _timer;

    public FoldedRefusalsWriter(RefusalBudget budget, AuditLog audit, TimeProvider clock)
    {
        (_budget, _audit) = (budget, audit);
        _timer = clock.CreateTimer(_ => _ = TickAsync(), null, Every, Every);
    }

    /// <summary>Writes what was counted until now; nothing where nothing was.</summary>
    public async Task FlushAsync()
    {
        IReadOnlyList<FoldedRefusals> folded = _budget.TakeFolded();
        if (folded.Count == 0)
        {
            return;
        }

        await _audit.WriteAsync("refusals-counted", json =>
        {
            json.WriteNumber("count", folded.Sum(f => f.Count));
            json.WriteStartObject("sources");
            foreach (FoldedRefusals one in folded.OrderByDescending(f => f.Count).Take(MostSources))
            {
                json.WriteNumber(one.Source, one.Count);
            }

            json.WriteEndObject();
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await TickAsync();
    }

    // The store may be full or closing; the next tick tries with what is counted then.
    private async Task TickAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidDataException or System.Data.Common.DbException)
        {
        }
    }
}
