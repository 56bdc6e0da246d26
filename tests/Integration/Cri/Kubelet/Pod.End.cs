using Grpc.Core;
using k8s.Models;
using Pavise.Cri.Node;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>The end of a pod: hooks, grace, sandbox, and everything that the node kept for it.</summary>
public sealed partial class Pod
{
    /// <summary>Stops all containers at once, each after its hook, then the sandbox. The ended containers stay until <see cref="RemoveAsync"/>.</summary>
    /// <param name="graceSeconds">Instead of the pod's own time between TERM and KILL.</param>
    public async Task StopAsync(long? graceSeconds = null)
    {
        if (SandboxId is null)
        {
            return;
        }

        long grace = graceSeconds ?? manifest.Pod.Spec.TerminationGracePeriodSeconds ?? 30;
        await Task.WhenAll((await ContainersAsync()).Where(c => !Ended(c)).Select(c => StopContainerAsync(c, grace)));
        await Runtime.StopPodSandboxAsync(new() { PodSandboxId = SandboxId });
    }

    /// <summary>Stops one container: its hook, TERM, KILL after the grace.</summary>
    public async Task StopContainerAsync(string name, long graceSeconds) => await StopContainerAsync(await ContainerAsync(name), graceSeconds);

    /// <summary>Removes containers, sandbox, volumes, logs and control groups.</summary>
    public async Task RemoveAsync()
    {
        await RemoveSandboxAsync();
        await volumes.UnmountAsync();
        foreach (string folder in new[] { Folder, LogFolder }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }

        Cgroups.Remove(Cgroup);
    }

    private async Task RemoveSandboxAsync()
    {
        if (SandboxId is null)
        {
            return;
        }

        foreach (ContainerStatus container in await ContainersAsync())
        {
            await Runtime.RemoveContainerAsync(new() { ContainerId = container.Id });
        }

        await Runtime.RemovePodSandboxAsync(new() { PodSandboxId = SandboxId });
        SandboxId = null;
    }

    private async Task StopContainerAsync(ContainerStatus container, long grace)
    {
        Record("Killing", $"Stopping container {container.Metadata.Name}");
        V1ExecAction? hook = manifest.Pod.Spec.Containers.FirstOrDefault(c => c.Name == container.Metadata.Name)?.Lifecycle?.PreStop?.Exec;
        if (hook is not null && grace > 0 && container.State == ContainerState.ContainerRunning && (await RunHookAsync(container.Id, hook)).ExitCode != 0)
        {
            Record("FailedPreStopHook", $"PreStopHook of {container.Metadata.Name} failed");
        }

        await Runtime.StopContainerAsync(new() { ContainerId = container.Id, Timeout = grace });
    }
}
