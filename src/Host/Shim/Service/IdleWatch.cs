namespace Pavise.Host.Shim.Service;

/// <summary>
/// Notices that nobody needs the shim any more: it has no task and nobody is connected, as after a containerd that was killed while it created the
/// first task. containerd, when it comes back, clears such a task away by the action <c>delete</c>.
/// </summary>
/// <param name="isIdle">Whether there is neither a task nor a connection now.</param>
/// <param name="time">The clock.</param>
internal sealed class IdleWatch(Func<bool> isIdle, TimeProvider time)
{
    /// <summary>How often it looks; far longer than containerd takes between the start of a shim and its first call.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(60);

    /// <summary>Returns when two looks in a row found nothing to do.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(Period, time);
        for (int idle = 0; idle < 2; idle = isIdle() ? idle + 1 : 0)
        {
            await timer.WaitForNextTickAsync(cancellation);
        }
    }
}
