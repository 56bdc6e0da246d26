using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Host.Shim.Logging;
using Pavise.Host.Shim.Protos.Events;

namespace Pavise.Host.Shim.Events;

/// <summary>
/// Events on their way to containerd, in the order in which they were sent. The first waits, and all others behind it, until containerd takes it:
/// an exit that happens while containerd is being restarted is told afterwards. Bounded: exits and deletions are dropped last.
/// </summary>
internal sealed class EventQueue : IAsyncDisposable
{
    // A pod with a probe a second makes some eight events a second: more than ten minutes without containerd.
    private const int Most = 8192;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly IEventForwarder forwarder;
    private readonly string containerdNamespace;
    private readonly TimeProvider time;
    private readonly ShimLog log;
    private readonly LinkedList<(TaskEvent Event, DateTimeOffset At)> waiting = [];
    private readonly SemaphoreSlim arrived = new(0);
    private readonly CancellationTokenSource ending = new();
    private readonly Task running;
    private TaskCompletionSource? drained;
    private long dropped;

    public EventQueue(IEventForwarder forwarder, string containerdNamespace, TimeProvider time, ShimLog log)
    {
        this.forwarder = forwarder;
        this.containerdNamespace = containerdNamespace;
        this.time = time;
        this.log = log;
        running = RunAsync();
    }

    /// <summary>Puts an event at the end; never waits.</summary>
    public void Send(IMessage message)
    {
        TaskEvent next = TaskEvent.Of(message);
        lock (waiting)
        {
            if (waiting.Count == Most)
            {
                DropOne();
            }

            waiting.AddLast((next, time.GetUtcNow()));
        }

        arrived.Release();
    }

    /// <summary>Waits until containerd has everything, or the time is over.</summary>
    public async Task FlushAsync(TimeSpan limit)
    {
        Task done;
        lock (waiting)
        {
            if (waiting.Count == 0)
            {
                return;
            }

            drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            done = drained.Task;
        }

        await done.WaitAsync(limit, time).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running;
        await forwarder.DisposeAsync();
    }

    /// <summary>The oldest that nobody waits for; the head may be under way and stays unless nothing else is left.</summary>
    private void DropOne()
    {
        LinkedListNode<(TaskEvent Event, DateTimeOffset At)>? node = waiting.First!.Next;
        while (node is { Value.Event.Vital: true })
        {
            node = node.Next;
        }

        waiting.Remove(node ?? waiting.First!.Next!);
        if (dropped++ == 0)
        {
            log.Error($"containerd takes no events and {Most} wait: from now on the oldest are dropped");
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await arrived.WaitAsync(ending.Token);
                while (Head() is { } head)
                {
                    await DeliverAsync(head);
                    Remove(head);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The shim ends.
        }
    }

    private LinkedListNode<(TaskEvent Event, DateTimeOffset At)>? Head()
    {
        lock (waiting)
        {
            return waiting.First;
        }
    }

    private void Remove(LinkedListNode<(TaskEvent Event, DateTimeOffset At)> head)
    {
        lock (waiting)
        {
            waiting.Remove(head);
            if (waiting.Count == 0)
            {
                drained?.TrySetResult();
                drained = null;
            }
        }
    }

    private async Task DeliverAsync(LinkedListNode<(TaskEvent Event, DateTimeOffset At)> head)
    {
        (TaskEvent what, DateTimeOffset at) = head.Value;
        Envelope envelope = new() { Timestamp = at.ToTimestamp(), Namespace = containerdNamespace, Topic = what.Topic, Event = what.Event };
        TimeSpan pause = FirstPause;
        while (true)
        {
            try
            {
                await forwarder.ForwardAsync(envelope, ending.Token);
                log.Debug($"event {what.Topic} sent");
                return;
            }
            catch (EventRefusedException e)
            {
                log.Error($"containerd refused the event {what.Topic}: {e.Message}");
                return;
            }
            catch (IOException e)
            {
                log.Debug($"event {what.Topic} waits: {e.Message}");
                await Task.Delay(pause, time, ending.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
