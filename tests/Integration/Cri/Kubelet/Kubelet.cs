using Pavise.Cri.Node;

namespace Pavise.Cri.Kubelet;

/// <summary>What a node's kubelet does with pods, as far as a container runtime sees it, with kubelet's folders in a private place.</summary>
/// <param name="containerd">The runtime.</param>
public sealed class Kubelet(CriContainerd containerd)
{
    private readonly Lock guard = new();
    private readonly List<PodProcesses> seen = [];

    internal CriContainerd Containerd { get; } = containerd;

    internal string Root { get; } = Directory.CreateDirectory(Path.Combine(containerd.Folder, "kubelet")).FullName;

    internal string Logs { get; } = Directory.CreateDirectory(Path.Combine(containerd.Folder, "logs")).FullName;

    /// <summary>Parent of all pods' control groups.</summary>
    public string CgroupRoot { get; } = $"/{Path.GetFileName(containerd.Folder)}";

    /// <summary>What is left of the processes, sandbox directories and mounts of all pods that ever ran here; nothing, when all pods are gone.</summary>
    public IReadOnlyList<string> Leftovers()
    {
        lock (guard)
        {
            return [.. seen.SelectMany(p => p.Leftovers()).Distinct()];
        }
    }

    /// <summary>The processes behind a sandbox; remembered, so that what they leave is found.</summary>
    internal PodProcesses? Observe(string sandboxId) => Remember(PodProcesses.Find(Containerd.Folder, sandboxId));

    /// <summary>The same for the only pod of the node, whose sandbox may not have told its name yet.</summary>
    internal PodProcesses? ObserveAny(string? sandboxId) => sandboxId is not null ? Observe(sandboxId) : Remember(PodProcesses.FindAny(Containerd.Folder));

    private PodProcesses? Remember(PodProcesses? found)
    {
        if (found is not null)
        {
            lock (guard)
            {
                seen.Add(found);
            }
        }

        return found;
    }

    /// <summary>A pod that was assigned to the node; nothing runs yet.</summary>
    /// <param name="yaml">One Pod, with the ConfigMaps and Secrets that it names.</param>
    public Pod Admit(string yaml) => new(this, PodManifest.Parse(yaml));

    /// <summary>Admits a pod and brings it up to where all its containers were started.</summary>
    /// <exception cref="PodException">The runtime refused, or a container did not come up. What was made is removed again.</exception>
    public async Task<Pod> RunAsync(string yaml)
    {
        Pod pod = Admit(yaml);
        try
        {
            await pod.StartAsync();
            return pod;
        }
        catch
        {
            await pod.DisposeAsync();
            throw;
        }
    }
}
