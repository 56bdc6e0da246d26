namespace Pavise.KeyBroker.Auditing;

/// <summary>Refusals that were not written one by one.</summary>
/// <param name="Source">Address or network, or <see cref="RefusalBudget.Others"/>.</param>
/// <param name="Count">How many.</param>
internal sealed record FoldedRefusals(string Source, long Count);

/// <summary>
/// How many refusals are written one by one: refusals cost whoever causes them nothing, and an audit that anybody can fill is none. Beyond the budget of a
/// minute they are counted, and the counts are written.
/// </summary>
internal sealed class RefusalBudget(TimeProvider clock)
{
    /// <summary>Refused challenges and attestations of one source in a minute.</summary>
    public const int AttestationsOfOne = 30;

    /// <summary>Refused releases of one source in a minute: one batch of the largest size.</summary>
    public const int ReleasesOfOne = 1024;

    /// <summary>Of all sources together: some 1.5 KiB each.</summary>
    public const int OfAll = 4000;

    /// <summary>Sources that are told apart in a minute.</summary>
    public const int Sources = 1000;

    /// <summary>The name under which those beyond are counted.</summary>
    public const string Others = "others";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Counts> _counts = new(StringComparer.Ordinal);
    private DateTimeOffset _ends = DateTimeOffset.MinValue;
    private int _written;

    /// <summary>Whether a refusal is to be written by itself; if not, it has been counted.</summary>
    /// <param name="source">Who asked.</param>
    /// <param name="most">The budget of one source.</param>
    public bool Take(string source, int most)
    {
        lock (_gate)
        {
            Turn();
            if (!_counts.TryGetValue(source, out Counts? counts))
            {
                string name = _counts.Count < Sources ? source : Others;
                counts = _counts.TryGetValue(name, out Counts? others) ? others : _counts[name] = new();
            }

            if (counts.Written < most && _written < OfAll)
            {
                counts.Written++;
                _written++;
                return true;
            }

            counts.Folded++;
            return false;
        }
    }

    /// <summary>Takes what was counted since the last time, to be written now.</summary>
    public IReadOnlyList<FoldedRefusals> TakeFolded()
    {
        lock (_gate)
        {
            FoldedRefusals[] folded = [.. _counts.Where(c => c.Value.Folded > 0).Select(c => new FoldedRefusals(c.Key, c.Value.Folded))];
            foreach (Counts counts in _counts.Values)
            {
                counts.Folded = 0;
            }

            return folded;
        }
    }

    // A new minute; what was counted and not yet taken stays until it is.
    private void Turn()
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (now < _ends)
        {
            return;
        }

        (_ends, _written) = (now + Window, 0);
        foreach ((string source, Counts counts) in _counts.ToArray())
        {
            counts.Written = 0;
            if (counts.Folded == 0)
            {
                _counts.Remove(source);
            }
        }
    }

    private sealed class Counts
    {
        public int Written { get; set; }

        public long Folded { get; set; }
    }
}
