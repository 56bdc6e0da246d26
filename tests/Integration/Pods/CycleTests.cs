using Pavise.Cri.Cycles;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>Pods over and over, and many at once. The long forms are <c>eval/Cycles</c>.</summary>
public sealed class CycleTests
{
    private const long SlackBytes = 16L << 20;

    [Theory]
    [InlineData("process", 12, 40, 20)]
    [InlineData("tcg", 1, 4, 1)]
    public async Task Cycles_of_pods_and_of_containers_leak_no_process_mount_socket_group_file_or_memory(string machine, int pods, int containers, int warmUp)
    {
        await using PodNode node = await PodNode.StartAsync(machine);
        string pod = await node.Cluster.PodAsync("pavise", CyclePods.Spec, CyclePods.Policy(node.Cluster));
        foreach (CycleReport report in new[] { await PodCycles.PodsAsync(node.Cluster, pod, CyclePods.Exec, pods, Math.Min(warmUp, 3)), await PodCycles.ContainersAsync(node.Cluster, pod, CyclePods.Exec, containers, warmUp) })
        {
            Assert.Empty(report.Leftovers);
            Assert.Equal((report.Before.Processes, report.Before.Mounts, report.Before.Files, report.Before.Cgroups), (report.After.Processes, report.After.Mounts, report.After.Files, report.After.Cgroups));
            Assert.InRange(report.After.Descriptors, 0, report.Before.Descriptors + 4);
            Assert.InRange(report.After.ContainerdBytes, 0, report.Before.ContainerdBytes + SlackBytes);
            Assert.True(report.Shim is null || report.Shim.Value.After <= report.Shim.Value.Before + SlackBytes, $"shim and visor grew from {report.Shim?.Before} to {report.Shim?.After} bytes");
        }
    }

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Many_pods_run_at_once(string machine)
    {
        await using PodNode node = await PodNode.StartAsync(machine);
        // On tcg each pVM computes its own boot; the long form starts as many as fit into the memory.
        int count = machine == "tcg" ? Math.Min(Together.Fitting(machine), 3) : Together.Fitting(machine);
        await Together.RunAsync(node.Cluster, await node.Cluster.PodAsync("pavise", CyclePods.Spec, CyclePods.Policy(node.Cluster)), CyclePods.Exec, count).WaitAsync(TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData("process", 2)]
    [InlineData("tcg", 1)]
    public async Task Whatever_part_of_the_node_is_killed_and_whenever_the_truth_is_told_and_nothing_is_left(string machine, int rounds)
    {
        await using PodNode node = await PodNode.StartAsync(machine);
        string pod = await node.Cluster.PodAsync("pavise", CyclePods.Spec, CyclePods.Policy(node.Cluster));
        for (int i = 0; i < rounds; i++)
        {
            foreach (Victim victim in Enum.GetValues<Victim>())
            {
                Death death = await RandomKills.StrikeAsync(node.Cluster, pod, CyclePods.Exec, victim, TimeSpan.FromMilliseconds(Random.Shared.Next(machine == "tcg" ? 5000 : 1500)));
                string report = $"{death.Victim} killed after {death.After}: {string.Join("; ", death.Wrong)} ({death.Outcome})";
                // What is left of the pod would be reported instead, when the node is taken down.
                TestContext.Current.TestOutputHelper?.WriteLine(report);
                Assert.True(death.Wrong.Count == 0, report);
            }
        }
    }
}
