using System.Collections.Immutable;
using Pavise.Policy;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Tests.Containers;

/// <summary>Plans to compose from.</summary>
internal static class Plans
{
    public static ProcessPlan Process(params string[] args) => new()
    {
        Args = [.. args],
        Env = ["PATH=/bin"],
        Cwd = "/srv",
        Uid = 999,
        Gid = 998,
        AdditionalGids = [7],
        Capabilities = ["CAP_NET_BIND_SERVICE"],
        NoNewPrivileges = true,
        Rlimits = [new RlimitPlan("RLIMIT_NOFILE", 64, 128)],
        Stdio = new StdioPlan(StreamTarget.None, StreamTarget.Host, StreamTarget.Host, Terminal: false),
    };

    public static ContainerPlan Container(params MountPlan[] mounts) => new()
    {
        ContainerId = "orchestrator-id",
        Entry = "redis",
        Root = RootHash.FromBytes(new byte[32]),
        RootReadOnly = true,
        Hostname = "pod",
        Process = Process("redis-server"),
        Mounts = [.. mounts],
        MaskedPaths = ["/proc/kcore"],
        ReadonlyPaths = ["/proc/sys"],
        Sysctls = ImmutableSortedDictionary<string, string>.Empty.Add("kernel.msgmax", "8192"),
        Resources = new ResourcesPlan { MemoryBytes = 1 << 26, CpuQuotaUs = 50_000, CpuPeriodUs = 100_000, CpuShares = 512, Pids = 40 },
        Seccomp = new SeccompPlan("SCMP_ACT_ERRNO", 1, ["SCMP_ARCH_X86_64"], [new SeccompRulePlan(["read", "write"], "SCMP_ACT_ALLOW", null, []), new SeccompRulePlan(["socket"], "SCMP_ACT_ERRNO", 97, [new SeccompArgPlan(0, 40, 0, "SCMP_CMP_EQ")])]),
    };
}
