namespace Pavise.KeyBroker.Tests.Support;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class ManualClock(DateTimeOffset? begin = null) : TimeProvider
{
    private DateTimeOffset _now = begin ?? new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
