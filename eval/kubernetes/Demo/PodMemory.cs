namespace Pavise.Eval.Kubernetes;

/// <summary>What a pod's host processes take: proportional set size in MiB. It is what a RuntimeClass's overhead has to cover.</summary>
internal sealed class PodMemory(Cluster cluster)
{
    /// <summary>The shim; the VMM without and with the guest's memory. What the machine has not is left out.</summary>
    public IReadOnlyDictionary<string, double> Read()
    {
        SortedDictionary<string, double> sizes = new(StringComparer.Ordinal);
        (int Pid, string Line)[] all = [.. Processes()];
        foreach (int shim in Shims())
        {
            Add(sizes, "shim and visor", Field(shim, "Pss:"));
            foreach ((int pid, _) in all.Where(p => p.Line.Contains("qemu-system", StringComparison.Ordinal) && Parent(p.Pid) == shim))
            {
                Add(sizes, "VMM without guest memory", Field(pid, "Pss_Anon:") + Field(pid, "Pss_File:"));
                Add(sizes, "guest memory in use", Field(pid, "Pss_Shmem:"));
            }
        }

        return sizes;
    }

    /// <summary>The shims of this cluster's containerd.</summary>
    public int[] Shims() => [.. Processes().Where(p => p.Line.Contains("containerd-shim-pavise", StringComparison.Ordinal) && p.Line.Contains(cluster.State, StringComparison.Ordinal)).Select(p => p.Pid)];

    private static void Add(SortedDictionary<string, double> sizes, string name, double value) => sizes[name] = sizes.GetValueOrDefault(name) + value;

    private static IEnumerable<(int Pid, string Line)> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int pid) && TryRead(Path.Combine(folder, "cmdline")) is { } line)
            {
                yield return (pid, line.Replace('\0', ' '));
            }
        }
    }

    private static int Parent(int pid) => (int)Lines(pid, "status", "PPid:").Sum();

    private static double Field(int pid, string name) => Lines(pid, "smaps_rollup", name).Sum() / 1024;

    private static IEnumerable<double> Lines(int pid, string file, string name) => (TryRead($"/proc/{pid}/{file}") ?? "").Split('\n')
        .Where(l => l.StartsWith(name, StringComparison.Ordinal)).Select(l => double.Parse(l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]));

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
