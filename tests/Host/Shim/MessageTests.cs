using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Shim.Events;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Shim.Stats;
using V1 = Pavise.Host.Shim.Protos.CgroupV1;
using V2 = Pavise.Host.Shim.Protos.CgroupV2;

namespace Pavise.Host.Tests.Shim;

/// <summary>Messages that travel as google.protobuf.Any, under names that containerd 1.6 knows: the full name and nothing before it.</summary>
public sealed class MessageTests
{
    private static readonly ReadStatsResponse Figures = new()
    {
        Available = true, CpuUsageUs = 7, CpuUserUs = 5, CpuSystemUs = 2, CpuPeriods = 3, CpuThrottledPeriods = 1, CpuThrottledUs = 4,
        MemoryBytes = 100, MemoryLimitBytes = 200, MemoryPeakBytes = 150, MemoryAnonBytes = 60, MemoryFileBytes = 40, MemoryOomKills = 9, Pids = 11, PidsLimit = 12,
    };

    public static TheoryData<IMessage> Events =>
    [
        new TaskCreate(), new TaskStart(), new TaskExit(), new TaskDelete(), new TaskOOM(), new TaskExecAdded(), new TaskExecStarted(), new TaskPaused(), new TaskResumed(),
    ];

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_is_named_by_its_types_full_name(IMessage message) => Assert.Equal(message.Descriptor.FullName, TaskEvent.Of(message).Event.TypeUrl);

    [Fact]
    public void Exits_and_deletions_are_what_somebody_waits_for() =>
        Assert.Equal(["TaskExit", "TaskDelete"], Events.Select(e => e.Data).Where(e => TaskEvent.Of(e).Vital).Select(e => e.Descriptor.Name));

    [Fact]
    public void Figures_for_a_node_with_version_1_are_in_nanoseconds_and_bytes()
    {
        Any any = CgroupMetrics.Version1(Figures);
        Assert.Equal(V1.Metrics.Descriptor.FullName, any.TypeUrl);
        V1.Metrics metrics = V1.Metrics.Parser.ParseFrom(any.Value);
        Assert.Equal((7000ul, 5000ul, 2000ul), (metrics.Cpu.Usage.Total, metrics.Cpu.Usage.User, metrics.Cpu.Usage.Kernel));
        Assert.Equal((3ul, 1ul, 4000ul), (metrics.Cpu.Throttling.Periods, metrics.Cpu.Throttling.ThrottledPeriods, metrics.Cpu.Throttling.ThrottledTime));
        Assert.Equal((100ul, 200ul, 150ul), (metrics.Memory.Usage.Usage, metrics.Memory.Usage.Limit, metrics.Memory.Usage.Max));
        Assert.Equal((60ul, 40ul, 9ul), (metrics.Memory.TotalRss, metrics.Memory.TotalCache, metrics.MemoryOomControl.OomKill));
        Assert.Equal((11ul, 12ul), (metrics.Pids.Current, metrics.Pids.Limit));
    }

    [Fact]
    public void Figures_for_a_node_with_version_2_are_in_microseconds_and_bytes()
    {
        Any any = CgroupMetrics.Version2(Figures);
        Assert.Equal(V2.Metrics.Descriptor.FullName, any.TypeUrl);
        V2.Metrics metrics = V2.Metrics.Parser.ParseFrom(any.Value);
        Assert.Equal((7ul, 5ul, 2ul), (metrics.Cpu.UsageUsec, metrics.Cpu.UserUsec, metrics.Cpu.SystemUsec));
        Assert.Equal((3ul, 1ul, 4ul), (metrics.Cpu.NrPeriods, metrics.Cpu.NrThrottled, metrics.Cpu.ThrottledUsec));
        Assert.Equal((100ul, 200ul, 60ul, 40ul, 9ul), (metrics.Memory.Usage, metrics.Memory.UsageLimit, metrics.Memory.Anon, metrics.Memory.File, metrics.MemoryEvents.OomKill));
        Assert.Equal((11ul, 12ul), (metrics.Pids.Current, metrics.Pids.Limit));
    }

    [Fact]
    public void What_is_not_known_is_zero_and_every_part_is_there()
    {
        V1.Metrics one = V1.Metrics.Parser.ParseFrom(CgroupMetrics.Version1(new ReadStatsResponse()).Value);
        Assert.All(new object?[] { one.Pids, one.Cpu?.Usage, one.Cpu?.Throttling, one.Memory?.Usage, one.Memory?.Swap, one.Memory?.Kernel, one.Memory?.KernelTcp, one.MemoryOomControl }, Assert.NotNull);
        V2.Metrics two = V2.Metrics.Parser.ParseFrom(CgroupMetrics.Version2(new ReadStatsResponse()).Value);
        Assert.All(new object?[] { two.Pids, two.Cpu, two.Memory, two.MemoryEvents }, Assert.NotNull);
    }
}
