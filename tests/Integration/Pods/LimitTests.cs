using Grpc.Core;
using Pavise.Cri.Kubelet;
using Pavise.Cri.V1;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>Resource limits and statistics where the machine's control groups allow: runc on the node, Pavise in a guest with controllers.</summary>
public sealed class LimitTests(VirtualPodNode shared) : IClassFixture<VirtualPodNode>
{
    private const long Mebi = 1 << 20;

    private readonly PodNode node = shared.Node;

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Limits_are_set_statistics_are_read_and_a_resize_changes_the_limit(string runtime)
    {
        // Where a container sees its own limit: cgroup v2 in a guest, v1 on a node with hybrid hierarchies.
        string[] limit = runtime == "runc" ? ["cat", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] : ["cat", "/sys/fs/cgroup/memory.max"];
        await using Pod pod = await node.RunAsync(runtime, $$"""
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sleep, "1000"]
                resources: { limits: { memory: 64Mi, cpu: 500m }, requests: { memory: 32Mi } }
            """, PodNode.Policy(node.EntryOf("main", "[sleep, \"1000\"]", $$"""
                resources: { memory: 64Mi, cpus: 1 }
                exec: [{ args: [{{string.Join(", ", limit)}}], output: host }]
                """)));
        Assert.Equal($"{64 * Mebi}\n", (await pod.ExecAsync("main", limit)).Output);
        ContainerStats stats = await pod.StatsAsync("main");
        Assert.InRange(stats.Memory.WorkingSetBytes.Value, 1u, (ulong)(64 * Mebi));
        Assert.True(stats.Cpu.UsageCoreNanoSeconds.Value > 0);

        await pod.UpdateAsync("main", new() { MemoryLimitInBytes = 100 * Mebi });
        Assert.Equal($"{100 * Mebi}\n", (await pod.ExecAsync("main", limit)).Output);
        if (runtime == "pavise")
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => pod.UpdateAsync("main", new() { MemoryLimitInBytes = 200 * Mebi }));
            Assert.Contains("refused by the owner's policy", refused.Status.Detail, StringComparison.Ordinal);
            Assert.Equal($"{100 * Mebi}\n", (await pod.ExecAsync("main", limit)).Output);
        }
    }
}
