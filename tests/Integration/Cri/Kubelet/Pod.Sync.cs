using Grpc.Core;
using k8s.Models;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>The sync loop: from what the pod should be and what the runtime says to what is done next.</summary>
public sealed partial class Pod
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3), Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Syncs until every container was started at least once, or the pod is over.</summary>
    /// <exception cref="PodException">Something was refused or failed that kubelet would try again for ever.</exception>
    public Task StartAsync() => SyncUntilAsync(s => s.Phase != "Pending");

    /// <summary>Syncs until the status is as wished.</summary>
    /// <exception cref="PodException">Something was refused or failed, or it took too long.</exception>
    public async Task<PodStatus> SyncUntilAsync(Func<PodStatus, bool> wished)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!limit.IsCancellationRequested)
        {
            await SyncAsync();
            PodStatus status = await StatusAsync();
            if (wished(status))
            {
                return status;
            }

            await Task.Delay(Pause);
        }

        throw new PodException("Timeout", $"pod {Name} did not become what was waited for: {string.Join(", ", (await ContainersAsync()).Select(c => $"{c.Metadata.Name} {c.State} {c.ExitCode} {c.Reason}"))}");
    }

    /// <summary>Waits for a status without doing anything, as a node does whose kubelet is busy.</summary>
    public async Task<PodStatus> WaitUntilAsync(Func<PodStatus, bool> wished)
    {
        using CancellationTokenSource limit = new(Patience);
        while (true)
        {
            PodStatus status = await StatusAsync();
            if (wished(status))
            {
                return status;
            }

            await Task.Delay(Pause, limit.Token);
        }
    }

    /// <summary>One pass. Restarts are not delayed, unlike kubelet's.</summary>
    public async Task SyncAsync()
    {
        if (!await EnsureSandboxAsync())
        {
            return;
        }

        Dictionary<string, ContainerStatus> newest = (await StatusAsync()).Containers.ToDictionary();
        foreach (V1Container init in manifest.Pod.Spec.InitContainers)
        {
            if (!newest.TryGetValue(init.Name, out ContainerStatus? status))
            {
                await StartContainerAsync(init, 0);
                if (!IsSidecar(init))
                {
                    return;
                }
            }
            else if (IsSidecar(init) ? Ended(status) : Ended(status) && status.ExitCode != 0 && !IsHandedBack)
            {
                await StartContainerAsync(init, status.Metadata.Attempt + 1);
                if (!IsSidecar(init))
                {
                    return;
                }
            }
            else if (!IsSidecar(init) && !(Ended(status) && status.ExitCode == 0))
            {
                return;
            }
        }

        foreach (V1Container container in manifest.Pod.Spec.Containers)
        {
            if (!newest.TryGetValue(container.Name, out ContainerStatus? status))
            {
                await StartContainerAsync(container, 0);
            }
            else if (Ended(status) && !IsOver(status))
            {
                await StartContainerAsync(container, status.Metadata.Attempt + 1);
            }
        }

        await RemoveOldAttemptsAsync();
    }

    /// <summary>A sandbox that is ready; a new one where the old one is not and the pod is not over.</summary>
    private async Task<bool> EnsureSandboxAsync()
    {
        if (SandboxId is not null)
        {
            PodSandboxStatus status = (await Runtime.PodSandboxStatusAsync(new() { PodSandboxId = SandboxId })).Status;
            if (status.State == PodSandboxState.SandboxReady)
            {
                return true;
            }

            Record("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
            await StopAsync(graceSeconds: 0);
            if (IsHandedBack)
            {
                return false;
            }

            await RemoveSandboxAsync();
        }

        await StartSandboxAsync();
        return true;
    }

    private async Task StartSandboxAsync()
    {
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(LogFolder);
        await volumes.FillAsync();
        sandboxConfig = SandboxConfigs.Of(manifest, sandboxAttempts++, LogFolder, Cgroup);
        try
        {
            RunPodSandboxResponse answer = await Runtime.RunPodSandboxAsync(new() { Config = sandboxConfig, RuntimeHandler = manifest.Pod.Spec.RuntimeClassName ?? "" });
            SandboxId = answer.PodSandboxId;
        }
        catch (RpcException e)
        {
            Record("FailedCreatePodSandBox", Detail(e));
            throw new PodException("FailedCreatePodSandBox", Detail(e));
        }

        podIp = (await Runtime.PodSandboxStatusAsync(new() { PodSandboxId = SandboxId })).Status.Network?.Ip ?? "";
        if (podIp.Length == 0)
        {
            podIp = NodeFacts.Address;
        }
    }

    /// <summary>kubelet keeps one dead attempt of each container, for its log.</summary>
    private async Task RemoveOldAttemptsAsync()
    {
        foreach (IGrouping<string, ContainerStatus> attempts in (await ContainersAsync()).GroupBy(c => c.Metadata.Name))
        {
            foreach (ContainerStatus old in attempts.Where(Ended).OrderByDescending(c => c.Metadata.Attempt).Skip(attempts.Any(a => !Ended(a)) ? 1 : 2))
            {
                await Runtime.RemoveContainerAsync(new() { ContainerId = old.Id });
                File.Delete(Path.Combine(LogFolder, ContainerConfigs.LogPath(old.Metadata.Name, old.Metadata.Attempt)));
            }
        }
    }
}
