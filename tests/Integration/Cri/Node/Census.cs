namespace Pavise.Cri.Node;

/// <summary>What of a node's pods is on the machine, found by the node's folder, which stands in command lines, mounts and sockets.</summary>
/// <param name="Processes">Shims and whatever else names the folder, apart from containerd.</param>
/// <param name="Mounts">Of containers, sandboxes and volumes.</param>
/// <param name="Files">Folders of pods, tasks and namespaces.</param>
/// <param name="Cgroups">Control groups of pods, over all hierarchies.</param>
/// <param name="Descriptors">Open files of containerd.</param>
/// <param name="ContainerdBytes">Resident memory of containerd.</param>
public sealed record Census(int Processes, int Mounts, int Files, int Cgroups, int Descriptors, long ContainerdBytes)
{
    private static readonly string[] FoldersOfPods =
    [
        "state/io.containerd.runtime.v2.task/k8s.io", "root/io.containerd.runtime.v2.task/k8s.io",
        "state/io.containerd.grpc.v1.cri/sandboxes", "state/io.containerd.grpc.v1.cri/containers", "root/io.containerd.grpc.v1.cri/sandboxes", "root/io.containerd.grpc.v1.cri/containers",
        "state/netns", "kubelet/pods", "logs",
    ];

    /// <summary>Counts now.</summary>
    public static Census Take(CriContainerd containerd, string cgroupRoot) => new(
        Shims(containerd.Folder).Count(),
        Mounted(containerd.Folder).Count(),
        Kept(containerd.Folder).Count(),
        Node.Cgroups.Count(cgroupRoot),
        Directory.GetFiles($"/proc/{containerd.ProcessId}/fd").Length,
        ProcessTable.ProportionalMemory(containerd.ProcessId));

    /// <summary>Everything that should be gone when all pods are.</summary>
    /// <param name="folder">The node's folder.</param>
    public static IReadOnlyList<string> Leftovers(string folder) => [.. Shims(folder), .. Mounted(folder), .. Kept(folder)];

    private static IEnumerable<string> Shims(string folder) =>
        ProcessTable.All().Where(p => p.CommandLine.Contains(folder, StringComparison.Ordinal) && !p.CommandLine.StartsWith("containerd -c", StringComparison.Ordinal)).Select(p => $"process {p.Id}: {p.CommandLine}");

    private static IEnumerable<string> Mounted(string folder) =>
        File.ReadAllLines("/proc/self/mountinfo").Where(m => m.Contains(folder, StringComparison.Ordinal)).Select(m => $"mount {m}");

    private static IEnumerable<string> Kept(string folder) =>
        FoldersOfPods.Select(f => Path.Combine(folder, f)).Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries).Select(f => $"file {f}");
}
