using Grpc.Core;
using k8s.Models;
using Pavise.Cri.Node;
using Pavise.Cri.V1;
using Pavise.Cri.Volumes;

namespace Pavise.Cri.Kubelet;

/// <summary>One pod on the node: its sandbox, its volumes, its containers by attempts. The parts are what a user of <c>kubectl</c> can do with it.</summary>
public sealed partial class Pod : IAsyncDisposable
{
    private const int Removals = 20;
    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(500);

    private readonly Kubelet kubelet;
    private readonly PodManifest manifest;
    private readonly PodVolumes volumes;
    private readonly List<PodEvent> events = [];
    private uint sandboxAttempts;
    private PodSandboxConfig? sandboxConfig;
    private string podIp = "";

    internal Pod(Kubelet kubelet, PodManifest manifest)
    {
        this.kubelet = kubelet;
        this.manifest = manifest;
        volumes = new(manifest, Folder, () => podIp);
    }

    /// <summary>The newest sandbox, or null.</summary>
    public string? SandboxId { get; private set; }

    /// <summary>What happened, oldest first.</summary>
    public IReadOnlyList<PodEvent> Events => events;

    public string Name => manifest.Name;

    public string Uid => manifest.Uid;

    /// <summary>kubelet's folder of the pod.</summary>
    public string Folder => Path.Combine(kubelet.Root, "pods", manifest.Uid);

    /// <summary>The folder of the pod's logs.</summary>
    public string LogFolder => Path.Combine(kubelet.Logs, $"{manifest.Namespace}_{manifest.Name}_{manifest.Uid}");

    private string Cgroup => Resources.QualityOfService(manifest.Pod) switch
    {
        "Guaranteed" => $"{kubelet.CgroupRoot}/pod{manifest.Uid}",
        string quality => $"{kubelet.CgroupRoot}/{quality.ToLowerInvariant()}/pod{manifest.Uid}",
    };

    private RuntimeService.RuntimeServiceClient Runtime => kubelet.Containerd.Cri.Runtime;

    private bool IsHandedBack => manifest.Pod.Spec.RestartPolicy == "Never";

    /// <summary>The containers of the newest sandbox, every attempt, as the runtime lists them.</summary>
    public async Task<IReadOnlyList<ContainerStatus>> ContainersAsync()
    {
        if (SandboxId is null)
        {
            return [];
        }

        List<ContainerStatus> all = [];
        foreach (Container container in (await Runtime.ListContainersAsync(new() { Filter = new() { PodSandboxId = SandboxId } })).Containers)
        {
            all.Add((await Runtime.ContainerStatusAsync(new() { ContainerId = container.Id })).Status);
        }

        return all;
    }

    /// <summary>The newest attempt of a container.</summary>
    /// <exception cref="PodException">It has none.</exception>
    public async Task<ContainerStatus> ContainerAsync(string name) =>
        (await ContainersAsync()).Where(c => c.Metadata.Name == name).MaxBy(c => c.Metadata.Attempt) ?? throw new PodException("NotFound", $"container {name} was not created");

    /// <summary>What <c>kubectl get pod</c> would show.</summary>
    public async Task<PodStatus> StatusAsync()
    {
        Dictionary<string, ContainerStatus> newest = (await ContainersAsync()).GroupBy(c => c.Metadata.Name).ToDictionary(g => g.Key, g => g.MaxBy(c => c.Metadata.Attempt)!);
        V1Container[] main = [.. manifest.Pod.Spec.Containers];
        ContainerStatus[] known = [.. main.Where(c => newest.ContainsKey(c.Name)).Select(c => newest[c.Name])];
        bool initFailed = IsHandedBack && manifest.Pod.Spec.InitContainers.Any(c => !IsSidecar(c) && newest.TryGetValue(c.Name, out ContainerStatus? s) && Ended(s) && s.ExitCode != 0);
        string phase = initFailed ? "Failed"
            : known.Length < main.Length ? "Pending"
            : known.Any(c => c.State == ContainerState.ContainerRunning || !IsOver(c)) ? "Running"
            : known.All(c => c.ExitCode == 0) ? "Succeeded" : "Failed";
        return new(phase, newest);
    }

    private static bool IsSidecar(V1Container container) => container.RestartPolicy == "Always";

    private static bool Ended(ContainerStatus status) => status.State is ContainerState.ContainerExited or ContainerState.ContainerUnknown;

    /// <summary>Ended, and by the pod's policy not to be started again.</summary>
    private bool IsOver(ContainerStatus status) => Ended(status) && manifest.Pod.Spec.RestartPolicy switch
    {
        "Always" => false,
        "OnFailure" => status.ExitCode == 0,
        _ => true,
    };

    private void Record(string reason, string message) => events.Add(new(reason, message));

    private static string Detail(RpcException error) => $"{error.StatusCode}: {error.Status.Detail}";

    /// <summary>Stops and removes the pod with everything that belongs to it; as the kubelet does, again where the runtime is not yet able to.</summary>
    public async ValueTask DisposeAsync()
    {
        for (int i = 0; ; i++)
        {
            try
            {
                await StopAsync(graceSeconds: 0);
                await RemoveAsync();
                return;
            }
            catch (RpcException) when (i < Removals)
            {
                await Task.Delay(RemovalPause);
            }
        }
    }
}
