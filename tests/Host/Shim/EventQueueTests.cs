using Pavise.Host.Shim.Events;
using Pavise.Host.Shim.Logging;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Tests.Shim.Support;

namespace Pavise.Host.Tests.Shim;

public sealed class EventQueueTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Events_arrive_in_the_order_in_which_they_were_sent_with_namespace_and_full_type_names()
    {
        RecordedEvents containerd = new();
        await using EventQueue queue = Queue(containerd);
        queue.Send(new TaskCreate { ContainerId = "a" });
        queue.Send(new TaskExit { ContainerId = "a", Id = "a" });
        await queue.FlushAsync(Long);
        Assert.Equal(["create a", "exit a"], containerd.Words);
        Assert.All(containerd.Received, e => Assert.Equal("ns", e.Namespace));
        Assert.Equal(["containerd.events.TaskCreate", "containerd.events.TaskExit"], containerd.Received.Select(e => e.Event.TypeUrl));
    }

    [Fact]
    public async Task What_happens_while_containerd_is_away_is_told_in_order_when_it_is_back()
    {
        RecordedEvents containerd = new() { Away = true };
        await using EventQueue queue = Queue(containerd);
        for (int i = 0; i < 50; i++)
        {
            queue.Send(new TaskStart { ContainerId = $"c{i}" });
        }

        await queue.FlushAsync(TimeSpan.FromMilliseconds(200));
        Assert.Empty(containerd.Received);
        containerd.Away = false;
        await queue.FlushAsync(Long);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"start c{i}"), containerd.Words);
    }

    [Fact]
    public async Task An_event_that_containerd_refuses_does_not_hold_up_the_next()
    {
        RecordedEvents containerd = new();
        containerd.Unwanted.Add("/tasks/oom");
        await using EventQueue queue = Queue(containerd);
        queue.Send(new TaskOOM { ContainerId = "a" });
        queue.Send(new TaskStart { ContainerId = "a" });
        await queue.FlushAsync(Long);
        Assert.Equal(["start a"], containerd.Words);
    }

    [Fact]
    public async Task When_too_many_wait_starts_are_dropped_and_exits_kept()
    {
        RecordedEvents containerd = new() { Away = true };
        await using EventQueue queue = Queue(containerd);
        queue.Send(new TaskCreate { ContainerId = "first" });
        for (int i = 0; i < 8000; i++)
        {
            queue.Send(new TaskStart { ContainerId = $"s{i}" });
        }

        for (int i = 0; i < 8000; i++)
        {
            queue.Send(new TaskExit { ContainerId = $"x{i}", Id = $"x{i}" });
        }

        containerd.Away = false;
        await queue.FlushAsync(Long);
        Assert.Equal(8192, containerd.Words.Count);
        Assert.Equal(Enumerable.Range(0, 8000).Select(i => $"exit x{i}"), containerd.Words.Where(w => w.StartsWith("exit", StringComparison.Ordinal)));
        Assert.Equal("start s7999", containerd.Words.Last(w => w.StartsWith("start", StringComparison.Ordinal)));
    }

    private static EventQueue Queue(RecordedEvents containerd) => new(containerd, "ns", TimeProvider.System, new ShimLog(Stream.Null, TimeProvider.System, debug: false));
}
