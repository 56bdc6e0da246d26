using Pavise.Boundary.GuestApi;
using Pavise.Guest.Containers;

namespace Pavise.Guest.Tests.Containers;

public sealed class EventRingTests
{
    [Fact]
    public async Task Numbers_begin_at_one_and_have_no_gaps()
    {
        EventRing ring = new(TimeProvider.System);
        ring.Add(EventKind.Created, "a");
        ring.Add(EventKind.Started, "a");
        Assert.Equal([1ul, 2ul], (await ring.WaitAsync(0, TimeSpan.FromSeconds(10), default)).Select(e => e.Sequence));
        Assert.Equal([2ul], (await ring.WaitAsync(1, TimeSpan.FromSeconds(10), default)).Select(e => e.Sequence));
    }

    [Fact]
    public async Task What_is_not_told_takes_no_number_and_wakes_nobody()
    {
        EventRing ring = new(TimeProvider.System) { Tells = kind => kind != EventKind.Oom };
        ring.Add(EventKind.Started, "a");
        Task<IReadOnlyList<Event>> waiting = ring.WaitAsync(1, TimeSpan.FromSeconds(60), default);
        ring.Add(EventKind.Oom, "a");
        Assert.False(waiting.IsCompleted);
        ring.Add(EventKind.Exited, "a");
        Event told = Assert.Single(await waiting);
        Assert.Equal((EventKind.Exited, 2ul), (told.Kind, told.Sequence));
    }

    [Fact]
    public async Task What_is_told_of_an_end_is_settled_when_it_happens()
    {
        bool known = true;
        EventRing ring = new(TimeProvider.System) { ToldStatus = (_, _, status) => known && status != 0 ? 1 : 0 };
        ring.Add(EventKind.Exited, "a", "", 42);
        known = false;
        Assert.Equal(1u, Assert.Single(await ring.WaitAsync(0, TimeSpan.FromSeconds(10), default)).ExitStatus);
    }

    [Fact]
    public async Task The_oldest_go_first()
    {
        EventRing ring = new(TimeProvider.System, capacity: 3);
        for (int i = 0; i < 10; i++)
        {
            ring.Add(EventKind.Created, $"{i}");
        }

        Assert.Equal([8ul, 9ul, 10ul], (await ring.WaitAsync(0, TimeSpan.FromSeconds(10), default)).Select(e => e.Sequence));
    }

    [Fact]
    public async Task A_waiter_is_answered_by_the_next_event()
    {
        EventRing ring = new(TimeProvider.System);
        Task<IReadOnlyList<Event>> waiting = ring.WaitAsync(0, TimeSpan.FromSeconds(60), default);
        Assert.False(waiting.IsCompleted);
        ring.Add(EventKind.Exited, "a", "e", 4);
        Event told = Assert.Single(await waiting);
        Assert.Equal(("a", "e", 4u), (told.ContainerId, told.ExecId, told.ExitStatus));
    }

    [Fact]
    public async Task Without_events_the_answer_is_empty() => Assert.Empty(await new EventRing(TimeProvider.System).WaitAsync(0, TimeSpan.FromMilliseconds(1), default));

    [Fact]
    public async Task A_number_from_the_future_waits() => Assert.Empty(await Added().WaitAsync(99, TimeSpan.FromMilliseconds(1), default));

    private static EventRing Added()
    {
        EventRing ring = new(TimeProvider.System);
        ring.Add(EventKind.Created, "a");
        return ring;
    }
}
