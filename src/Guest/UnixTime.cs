namespace Pavise.Guest;

/// <summary>Times as the guest API and the kernel have them.</summary>
internal static class UnixTime
{
    /// <summary>Nanoseconds since 1970-01-01 UTC.</summary>
    public static long Ns(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The monotonic clock, in nanoseconds from its beginning.</summary>
    public static long MonotonicNs(TimeProvider time) => time.GetElapsedTime(0).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Now, in nanoseconds since 1970-01-01 UTC.</summary>
    public static long Ns(TimeProvider time) => Ns(time.GetUtcNow());
}
