using System.Diagnostics;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;
using Pavise.Cri.V1;

namespace Pavise.Cri.Cycles;

/// <summary>Many lives, one after the other.</summary>
public static class PodCycles
{
    /// <summary>Cycles before the first count: programs keep what they will need again, and managed ones let their heaps grow to a size that suits them.</summary>
    private const int PodsBefore = 3, ContainersBefore = 50;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>Whole pods: sandbox, container, exec, stop, remove.</summary>
    /// <param name="node">The node.</param>
    /// <param name="yaml">A Pod with a container <c>main</c>.</param>
    /// <param name="exec">What is run in it; must exit with 0.</param>
    /// <param name="cycles">How many are counted.</param>
    /// <param name="warmUp">How many are not.</param>
    public static async Task<CycleReport> PodsAsync(ClusterNode node, string yaml, string[] exec, int cycles, int warmUp = PodsBefore)
    {
        List<double> seconds = [];
        Census? before = null;
        for (int i = 0; i < warmUp + cycles; i++)
        {
            if (i == warmUp)
            {
                before = await SettledAsync(node);
            }

            long start = Stopwatch.GetTimestamp();
            await using (Pod pod = await node.Kubelet.RunAsync(yaml))
            {
                await CheckAsync(pod, exec);
            }

            if (i >= warmUp)
            {
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        Census after = await SettledAsync(node);
        return new(cycles, before!, after, null, seconds, node.Leftovers());
    }

    /// <summary>Containers of one pod, which lives through all of them: create, start, exec, kill, and the next attempt.</summary>
    /// <param name="node">The node.</param>
    /// <param name="yaml">A Pod with a container <c>main</c> and the restart policy <c>Always</c>.</param>
    /// <param name="exec">What is run in it; must exit with 0.</param>
    /// <param name="cycles">How many are counted.</param>
    /// <param name="warmUp">How many are not.</param>
    public static async Task<CycleReport> ContainersAsync(ClusterNode node, string yaml, string[] exec, int cycles, int warmUp = ContainersBefore)
    {
        List<double> seconds = [];
        Census? before = null, after;
        long shimBefore = 0, shimAfter;
        Pod pod = await node.Kubelet.RunAsync(yaml);
        await using (pod)
        {
            for (int i = 0; i < warmUp + cycles; i++)
            {
                if (i == warmUp)
                {
                    before = await SettledAsync(node);
                    shimBefore = Memory(pod);
                }

                long start = Stopwatch.GetTimestamp();
                await CheckAsync(pod, exec);
                await pod.StopContainerAsync("main", 0);
                await pod.SyncUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerRunning);
                if (i >= warmUp)
                {
                    seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }

            after = await SettledAsync(node);
            shimAfter = Memory(pod);
        }

        return new(cycles, before!, after, (shimBefore, shimAfter), seconds, node.Leftovers());
    }

    private static async Task CheckAsync(Pod pod, string[] exec)
    {
        ExecResult result = await pod.ExecAsync("main", exec);
        if (result.ExitCode != 0)
        {
            throw new PodException("Exec", $"{string.Join(' ', exec)} exited with {result.ExitCode}: {result.Output}{result.Error}");
        }
    }

    /// <summary>What ends takes a moment to be gone.</summary>
    private static async Task<Census> SettledAsync(ClusterNode node)
    {
        await Task.Delay(Settling);
        return Census.Take(node.Containerd, node.Kubelet.CgroupRoot);
    }

    private static long Memory(Pod pod)
    {
        PodProcesses processes = pod.Processes();
        return ProcessTable.ProportionalMemory(processes.Shim.Id) + (processes.Visor is null ? 0 : ProcessTable.ProportionalMemory(processes.Visor.Id));
    }
}
