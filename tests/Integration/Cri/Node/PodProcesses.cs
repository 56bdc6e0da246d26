namespace Pavise.Cri.Node;

/// <summary>The processes behind one sandbox: its shim, and with Pavise the visor and the virtual machine monitor (or the guest program) that it started.</summary>
/// <param name="Shim">containerd's shim of the sandbox.</param>
/// <param name="Visor">Null where it is a part of the shim.</param>
/// <param name="Machine">QEMU, or the guest program on the machine <c>process</c>; null with other runtimes, or before there is a pVM.</param>
/// <param name="SandboxDirectory">Where the visor keeps its files.</param>
/// <param name="Sockets">Paths at which they listen.</param>
public sealed record PodProcesses(ProcessEntry Shim, ProcessEntry? Visor, ProcessEntry? Machine, string? SandboxDirectory, IReadOnlyList<string> Sockets)
{
    private const int StandardError = 2;
    private const string VisorLog = "/visor.log", MachineLog = "vmm.log";
    private static readonly string[] Machines = ["qemu-system", "--process-machine"];

    /// <summary>All of them that there are.</summary>
    public IReadOnlyList<ProcessEntry> All => [.. new[] { Shim, Visor, Machine }.OfType<ProcessEntry>()];

    /// <summary>Finds them; null when the shim does not run.</summary>
    /// <param name="folder">The node's folder, which stands in every shim's arguments.</param>
    /// <param name="sandboxId">The sandbox.</param>
    public static PodProcesses? Find(string folder, string sandboxId) => Find(folder, p => p.CommandLine.Contains($"-id {sandboxId}", StringComparison.Ordinal));

    /// <summary>Those of whichever sandbox has a shim.</summary>
    public static PodProcesses? FindAny(string folder) => Find(folder, _ => true);

    private static PodProcesses? Find(string folder, Func<ProcessEntry, bool> wanted)
    {
        IReadOnlyList<ProcessEntry> all = ProcessTable.All();
        ProcessEntry? shim = all.FirstOrDefault(p => p.CommandLine.Contains(" -namespace k8s.io ", StringComparison.Ordinal) && p.CommandLine.Contains($"-address {folder}/", StringComparison.Ordinal)
            && !p.CommandLine.EndsWith(" start", StringComparison.Ordinal) && !p.CommandLine.EndsWith(" delete", StringComparison.Ordinal) && wanted(p));
        if (shim is null)
        {
            return null;
        }

        // The visor may be a process of its own or a part of the shim.
        ProcessEntry? visor = all.FirstOrDefault(p => p.Parent == shim.Id && ProcessTable.Descriptor(p.Id, StandardError)?.EndsWith(VisorLog, StringComparison.Ordinal) == true);
        ProcessEntry? machine = all.FirstOrDefault(p => p.Parent == (visor ?? shim).Id && Machines.Any(m => p.CommandLine.Contains(m, StringComparison.Ordinal)));
        IReadOnlyList<string> sockets = UnixSockets.Of(new[] { shim, visor }.OfType<ProcessEntry>().Select(p => p.Id));
        string? directory = sockets.Select(s => Path.GetDirectoryName(s)!).FirstOrDefault(d => File.Exists(Path.Combine(d, MachineLog)));
        return new(shim, visor, machine, directory, sockets);
    }

    /// <summary>What of them is still there.</summary>
    public IEnumerable<string> Leftovers() =>
    [
        .. All.Where(p => p.IsAlive()).Select(p => $"process {p.Id}: {p.CommandLine}"),
        .. Sockets.Where(File.Exists).Select(s => $"socket {s}"),
        .. Path.Exists(SandboxDirectory) ? new[] { $"sandbox directory {SandboxDirectory}" } : [],
        .. SandboxDirectory is null ? [] : File.ReadLines("/proc/self/mountinfo").Where(m => m.Contains(SandboxDirectory, StringComparison.Ordinal)).Select(m => $"mount {m}"),
    ];
}
