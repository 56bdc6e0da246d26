using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.GuestApi;
using V1 = Pavise.Host.Shim.Protos.CgroupV1;
using V2 = Pavise.Host.Shim.Protos.CgroupV2;

namespace Pavise.Host.Shim.Stats;

/// <summary>A guest's figures as the metrics messages of containerd/cgroups. Every part is there, since readers do not check for its absence.</summary>
internal static class CgroupMetrics
{
    private const ulong NanosecondsPerMicrosecond = 1000;

    /// <summary>Whether the node has the unified hierarchy (cgroups(7)); containerd reads the form that fits its node.</summary>
    public static bool IsUnified { get; } = File.Exists("/sys/fs/cgroup/cgroup.controllers");

    /// <summary>For a node with version 1, or with both.</summary>
    public static Any Version1(ReadStatsResponse s) => Wrap("io.containerd.cgroups.v1.Metrics", new V1.Metrics
    {
        Pids = new V1.PidsStat { Current = s.Pids, Limit = s.PidsLimit },
        Cpu = new V1.CPUStat
        {
            Usage = new V1.CPUUsage { Total = s.CpuUsageUs * NanosecondsPerMicrosecond, User = s.CpuUserUs * NanosecondsPerMicrosecond, Kernel = s.CpuSystemUs * NanosecondsPerMicrosecond },
            Throttling = new V1.Throttle { Periods = s.CpuPeriods, ThrottledPeriods = s.CpuThrottledPeriods, ThrottledTime = s.CpuThrottledUs * NanosecondsPerMicrosecond },
        },
        Memory = new V1.MemoryStat
        {
            Cache = s.MemoryFileBytes,
            TotalCache = s.MemoryFileBytes,
            Rss = s.MemoryAnonBytes,
            TotalRss = s.MemoryAnonBytes,
            HierarchicalMemoryLimit = s.MemoryLimitBytes,
            Usage = new V1.MemoryEntry { Limit = s.MemoryLimitBytes, Usage = s.MemoryBytes, Max = s.MemoryPeakBytes },
            Swap = new V1.MemoryEntry(),
            Kernel = new V1.MemoryEntry(),
            KernelTcp = new V1.MemoryEntry(),
        },
        MemoryOomControl = new V1.MemoryOomControl { OomKill = s.MemoryOomKills },
    });

    /// <summary>For a node with version 2.</summary>
    public static Any Version2(ReadStatsResponse s) => Wrap("io.containerd.cgroups.v2.Metrics", new V2.Metrics
    {
        Pids = new V2.PidsStat { Current = s.Pids, Limit = s.PidsLimit },
        Cpu = new V2.CPUStat
        {
            UsageUsec = s.CpuUsageUs,
            UserUsec = s.CpuUserUs,
            SystemUsec = s.CpuSystemUs,
            NrPeriods = s.CpuPeriods,
            NrThrottled = s.CpuThrottledPeriods,
            ThrottledUsec = s.CpuThrottledUs,
        },
        Memory = new V2.MemoryStat { Anon = s.MemoryAnonBytes, File = s.MemoryFileBytes, Usage = s.MemoryBytes, UsageLimit = s.MemoryLimitBytes },
        MemoryEvents = new V2.MemoryEvents { OomKill = s.MemoryOomKills },
    });

    private static Any Wrap(string name, IMessage metrics) => new() { TypeUrl = name, Value = metrics.ToByteString() };
}
