namespace Pavise.Collateral;

/// <summary>
/// How often a vendor's service is asked. Requests are made from unverified evidence, so that anybody can name platforms that do not exist: without a limit the
/// vendor would stop answering for the real ones too.
/// </summary>
internal sealed class AskLimit(TimeProvider time)
{
    /// <summary>Asks in a minute: a cluster that starts anew has some ten platforms, each asked once.</summary>
    public const int PerMinute = 60;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Queue<DateTimeOffset> _asked = new();
    private readonly Lock _lock = new();

    /// <summary>Takes one ask, false when there is none left.</summary>
    public bool Take()
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            while (_asked.TryPeek(out DateTimeOffset oldest) && now - oldest >= Minute)
            {
                _asked.Dequeue();
            }

            if (_asked.Count >= PerMinute)
            {
                return false;
            }

            _asked.Enqueue(now);
            return true;
        }
    }
}
