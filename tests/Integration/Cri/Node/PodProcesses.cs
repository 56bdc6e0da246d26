namespace Pavise.Cri.Node;

/// <summary>The processes behind one sandbox: its shim, and with Pavise the visor and the virtual machine monitor (or the guest program) that it started.</summary>
/// <param name="Shim">containerd's shim of the sandbox.</param>
/// <param name="Visor">Null with other runtimes, or before there is a pVM.</param>
/// <param name="Machine">QEMU, or the guest program on the machine <c>process</c>.</param>
/// <param name="SandboxDirectory">Where the visor keeps its files.</param>
public sealed record PodProcesses(ProcessEntry Shim, ProcessEntry? Visor, ProcessEntry? Machine, string? SandboxDirectory)
{
    private const int StandardError = 2;
    private const string VisorLog = "/visor.log";

    /// <summary>Finds them; null when the shim does not run.</summary>
    /// <param name="folder">The node's folder, which stands in every shim's arguments.</param>
    /// <param name="sandboxId">The sandbox.</param>
    public static PodProcesses? Find(string folder, string sandboxId)
    {
        IReadOnlyList<ProcessEntry> all = ProcessTable.All();
        ProcessEntry? shim = all.FirstOrDefault(p => p.CommandLine.Contains($"-id {sandboxId}", StringComparison.Ordinal) && p.CommandLine.Contains($"-address {folder}/", StringComparison.Ordinal));
        if (shim is null)
        {
            return null;
        }

        foreach (ProcessEntry child in all.Where(p => p.Parent == shim.Id))
        {
            if (ProcessTable.Descriptor(child.Id, StandardError) is string log && log.EndsWith(VisorLog, StringComparison.Ordinal))
            {
                return new(shim, child, all.FirstOrDefault(p => p.Parent == child.Id), log[..^VisorLog.Length]);
            }
        }

        return new(shim, null, null, null);
    }

    /// <summary>What of them is still there.</summary>
    public IEnumerable<string> Leftovers() =>
    [
        .. new[] { Shim, Visor, Machine }.OfType<ProcessEntry>().Where(p => p.IsAlive()).Select(p => $"process {p.Id}: {p.CommandLine}"),
        .. Path.Exists(SandboxDirectory) ? new[] { $"sandbox directory {SandboxDirectory}" } : [],
        .. SandboxDirectory is null ? [] : File.ReadLines("/proc/self/mountinfo").Where(m => m.Contains(SandboxDirectory, StringComparison.Ordinal)).Select(m => $"mount {m}"),
    ];
}
