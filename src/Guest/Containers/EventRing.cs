using Pavise.Boundary;
using Pavise.Boundary.GuestApi;

namespace Pavise.Guest.Containers;

/// <summary>The latest events, numbered from 1 without gaps, and those who wait for the next one.</summary>
internal sealed class EventRing(TimeProvider time, int capacity = BoundaryLimits.Events)
{
    private readonly Queue<Event> kept = new();
    private readonly Lock gate = new();
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong sequence;

    /// <summary>Which events there are. Others take no number and wake nobody: a gap, or an empty answer, would tell of them.</summary>
    public Func<EventKind, bool> Tells { get; set; } = _ => true;

    /// <summary>What is told of an exit status, asked once, when the process ends and is still known.</summary>
    public Func<string, string, int, int> ToldStatus { get; set; } = (_, _, status) => status;

    /// <summary>Adds an event.</summary>
    public void Add(EventKind kind, string containerId, string execId = "", int exitStatus = 0)
    {
        if (!Tells(kind))
        {
            return;
        }

        TaskCompletionSource waiting;
        uint told = kind == EventKind.Exited ? (uint)ToldStatus(containerId, execId, exitStatus) : 0;
        lock (gate)
        {
            kept.Enqueue(new Event { Sequence = ++sequence, UnixNs = UnixTime.Ns(time), ContainerId = containerId, ExecId = execId, Kind = kind, ExitStatus = told });
            if (kept.Count > capacity)
            {
                kept.Dequeue();
            }

            waiting = arrived;
            arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.SetResult();
    }

    /// <summary>The kept events after a number, as soon as there is one; none when the time is over.</summary>
    public async Task<IReadOnlyList<Event>> WaitAsync(ulong after, TimeSpan longest, CancellationToken cancellation)
    {
        using CancellationTokenSource over = new(longest, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (kept.Count > 0 && sequence > after)
                {
                    return [.. kept.Where(e => e.Sequence > after)];
                }

                next = arrived.Task;
            }

            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return [];
            }
        }
    }
}
