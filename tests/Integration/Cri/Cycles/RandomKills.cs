using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;
using Pavise.Cri.V1;

namespace Pavise.Cri.Cycles;

/// <summary>A part of the node that can die.</summary>
public enum Victim
{
    Shim,
    Machine,
    Containerd,
}

/// <summary>One death: what, how long after the pod's beginning, and what was wrong afterwards (nothing, when all is well).</summary>
public sealed record Death(Victim Victim, TimeSpan After, string Outcome, IReadOnlyList<string> Wrong);

/// <summary>SIGKILL at random points of a pod's life. Afterwards the runtime must say the truth, the pod must be removable, and nothing may stay.</summary>
public static class RandomKills
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs one pod and kills one part of what carries it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="yaml">A Pod whose container <c>main</c> runs until it is stopped.</param>
    /// <param name="exec">What is run in it all the while.</param>
    /// <param name="victim">What dies.</param>
    /// <param name="after">When, from the first request on.</param>
    public static async Task<Death> StrikeAsync(ClusterNode node, string yaml, string[] exec, Victim victim, TimeSpan after)
    {
        List<string> wrong = [];
        Pod pod = node.Kubelet.Admit(yaml);
        Task<string> life = LiveAsync(pod, exec);
        await Task.Delay(after);
        bool struck = false;
        string outcome = "over before";
        try
        {
            struck = await KillAsync(node, pod, victim, life);
            outcome = struck ? await life : outcome;
        }
        catch (Exception e)
        {
            wrong.Add($"the pod's life ended badly: {e}");
        }

        if (victim == Victim.Shim && outcome.Contains("failed to start shim", StringComparison.Ordinal))
        {
            // It died before containerd knew it: containerd 1.6 then asks nobody to clean up, whatever the runtime, and the socket's name stays.
            node.Kubelet.Leftovers().Where(l => l.StartsWith("socket /run/containerd/s/", StringComparison.Ordinal)).ToList().ForEach(l => File.Delete(l["socket ".Length..]));
        }

        try
        {
            if (struck && victim != Victim.Containerd && pod.SandboxId is not null && !await IsOverAsync(pod))
            {
                wrong.Add("the runtime still reports the pod as running");
            }

            await pod.DisposeAsync();
            // A sandbox that was not finished when its runtime died belongs to no pod; kubelet's housekeeping removes such.
            await node.Containerd.RemovePodsAsync();
        }
        catch (Exception e)
        {
            wrong.Add($"the pod could not be removed: {e}");
        }

        using CancellationTokenSource limit = new(Patience);
        IReadOnlyList<string> left = node.Leftovers();
        while (left.Count > 0 && !limit.IsCancellationRequested)
        {
            await Task.Delay(Pause * 10);
            left = node.Leftovers();
        }

        wrong.AddRange(left);
        return new(victim, after, outcome, wrong);
    }

    /// <summary>The pod's life, until something fails.</summary>
    private static async Task<string> LiveAsync(Pod pod, string[] exec)
    {
        try
        {
            await pod.StartAsync();
            while (true)
            {
                ExecResult result = await pod.ExecAsync("main", exec);
                if (result.ExitCode != 0)
                {
                    return $"exec exited with {result.ExitCode}: {result.Error.Trim()}";
                }
            }
        }
        catch (Exception e) when (e is Grpc.Core.RpcException or PodException or ObjectDisposedException)
        {
            // The channel to a containerd that was killed is closed, and a call may just begin on it.
            return e.Message;
        }
    }

    private static async Task<bool> KillAsync(ClusterNode node, Pod pod, Victim victim, Task life)
    {
        if (victim == Victim.Containerd)
        {
            await node.Containerd.KillAsync();
            await node.Containerd.StartAgainAsync();
            return true;
        }

        using CancellationTokenSource limit = new(Patience);
        while (!life.IsCompleted && !limit.IsCancellationRequested)
        {
            PodProcesses? processes = node.Kubelet.ObserveAny(pod.SandboxId);
            ProcessEntry? target = victim switch { Victim.Shim => processes?.Shim, _ => processes?.Machine };
            if (target is not null)
            {
                target.Kill();
                return true;
            }

            await Task.Delay(Pause);
        }

        return false;
    }

    private static async Task<bool> IsOverAsync(Pod pod)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!limit.IsCancellationRequested)
        {
            if ((await pod.ContainersAsync()).All(c => c.State != ContainerState.ContainerRunning))
            {
                return true;
            }

            await Task.Delay(Pause);
        }

        return false;
    }
}
