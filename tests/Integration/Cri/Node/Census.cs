namespace Pavise.Cri.Node;

/// <summary>What of a node's pods is on the machine: found by the node's folder, which stands in the command lines, mounts and sockets of all that belongs to it.</summary>
public static class Census
{
    /// <summary>Processes and mounts that name the folder, and folders of pods and tasks below it, apart from what containerd keeps for images.</summary>
    /// <param name="folder">The node's folder.</param>
    public static IReadOnlyList<string> Leftovers(string folder) =>
    [
        .. Processes(folder).Select(p => $"process {p.Id}: {p.CommandLine}"),
        .. File.ReadAllLines("/proc/self/mountinfo").Where(m => m.Contains(folder, StringComparison.Ordinal)).Select(m => $"mount {m}"),
        .. new[] { "state/io.containerd.runtime.v2.task/k8s.io", "state/io.containerd.grpc.v1.cri/sandboxes", "state/io.containerd.grpc.v1.cri/containers", "state/netns", "kubelet/pods", "logs", "run/sandboxes", "run/containers" }
            .Select(f => Path.Combine(folder, f)).Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries).Select(f => $"file {f}"),
    ];

    /// <summary>Processes whose command line names the folder.</summary>
    public static IReadOnlyList<(int Id, string CommandLine)> Processes(string folder)
    {
        List<(int, string)> found = [];
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out int id))
            {
                continue;
            }

            try
            {
                string line = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                if (line.Contains(folder, StringComparison.Ordinal))
                {
                    found.Add((id, line));
                }
            }
            catch (IOException)
            {
                // The process ended meanwhile.
            }
        }

        return found;
    }
}
