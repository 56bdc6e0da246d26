namespace Pavise.Eval.Kubernetes;

/// <summary>What pods have on a node, and what must be gone with them.</summary>
internal sealed class NodeRemains(Cluster cluster)
{
    /// <summary>One line per thing that is there: containers, tasks, shims, pVMs, sandbox folders, mounts, network namespaces, cgroups.</summary>
    public async Task<SortedSet<string>> LookAsync()
    {
        SortedSet<string> seen = new(StringComparer.Ordinal);
        Add(seen, "container", (await cluster.CtrAsync("containers", "list", "-q")).Split('\n'));
        Add(seen, "task", (await cluster.CtrAsync("tasks", "list", "-q")).Split('\n'));
        Add(seen, "snapshot", (await cluster.CtrAsync("snapshots", "list")).Split('\n').Skip(1).Where(l => l.Contains("Active", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]));
        Add(seen, "process", Processes());
        Add(seen, "sandbox folder", Names("/run/pavise/sandboxes").Concat(Names("/run/pavise")).Where(n => n is not ("sandboxes" or "containers")));
        Add(seen, "mount", File.ReadLines("/proc/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(cluster.State + "/", StringComparison.Ordinal) || m.StartsWith("/run/pavise", StringComparison.Ordinal)));
        Add(seen, "network namespace", Names("/run/netns").Where(n => n.StartsWith("cni-", StringComparison.Ordinal)));
        Add(seen, "cgroup", Cgroups().Where(c => c.Contains("/pod", StringComparison.Ordinal)));
        return seen;
    }

    private static void Add(SortedSet<string> to, string kind, IEnumerable<string> names) => to.UnionWith(names.Where(n => n.Length > 0).Select(n => $"{kind} {n}"));

    private static IEnumerable<string> Names(string folder) => Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)) : [];

    private static IEnumerable<string> Cgroups() => Directory.EnumerateDirectories("/sys/fs/cgroup", "pavise-kubernetes", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
        .SelectMany(f => Directory.EnumerateDirectories(f, "*", SearchOption.AllDirectories));

    /// <summary>Shims of this containerd, and what any shim of Pavise started: visors and pVMs.</summary>
    private IEnumerable<string> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ').Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            bool shim = line.Contains("containerd-shim", StringComparison.Ordinal) && line.Contains(cluster.State, StringComparison.Ordinal);
            bool ours = line.StartsWith(Path.Combine(cluster.Repository, "out", "bin"), StringComparison.Ordinal) || line.Contains("/run/pavise/sandboxes", StringComparison.Ordinal);
            if (shim || ours)
            {
                yield return $"{Path.GetFileName(folder)} {(line.Length > 120 ? line[..120] : line)}";
            }
        }
    }
}
