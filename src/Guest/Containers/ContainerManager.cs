using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Boot;
using Pavise.Guest.Files;
using Pavise.Guest.Images;
using Pavise.Guest.Interop;
using Pavise.Guest.Network;
using Pavise.Guest.Processes;
using Pavise.Guest.Volumes;

namespace Pavise.Guest.Containers;

/// <summary>Carries out container plans with crun. It decides nothing and sees nothing of the host's request.</summary>
internal sealed partial class ContainerManager
{
    private const string Launcher = "/usr/bin/crun";

    private readonly IRootImages images;
    private readonly TimeProvider time;
    private readonly Func<Task> overlayReady;
    private readonly ConcurrentDictionary<string, Container> containers = new();
    private readonly Reaper reaper;
    private readonly Crun crun;
    private readonly CgroupTree cgroups;
    private readonly Volumes volumes;
    private readonly EncryptedVolumes encrypted;
    private readonly SharedVolumes? shared;
    private readonly string folder;
    private readonly string consoles;
    private readonly string networkFolder;
    private int number;
    private int consoleNumber;

    /// <summary>Takes over the reaping of this process's children.</summary>
    /// <param name="environment">Where the guest runs.</param>
    /// <param name="images">The opened root images.</param>
    /// <param name="time">The clock.</param>
    /// <param name="overlayReady">Completes when the kernel has the overlay file system; null where it always has.</param>
    /// <param name="encrypted">The encrypted volumes; null for none.</param>
    /// <param name="shared">The shared volumes; null for none.</param>
    public ContainerManager(GuestEnvironment environment, IRootImages images, TimeProvider time, Func<Task>? overlayReady = null, EncryptedVolumes? encrypted = null, SharedVolumes? shared = null)
    {
        this.shared = shared;
        this.encrypted = encrypted ?? new EncryptedVolumes(environment);
        LinuxFiles.ReserveStandardDescriptors();
        this.images = images;
        this.time = time;
        this.overlayReady = overlayReady ?? (() => Task.CompletedTask);
        folder = Path.Combine(environment.WorkDirectory, "containers");
        Directory.CreateDirectory(folder);

        // A short name: a Unix socket's path has at most 107 bytes.
        consoles = Path.Combine(environment.WorkDirectory, "c");
        Directory.CreateDirectory(consoles);
        networkFolder = NetworkFiles.Folder(environment.WorkDirectory);
        string states = Path.Combine(environment.WorkDirectory, "launcher");
        Directory.CreateDirectory(states);
        string volumeFolder = Path.Combine(environment.WorkDirectory, "volumes");
        Directory.CreateDirectory(volumeFolder);
        volumes = new Volumes(volumeFolder, shared);
        reaper = new Reaper(new LinuxChildren());
        bool hasCgroups = File.Exists(Path.Combine(Cgroups.Root, "cgroup.procs"));
        crun = new Crun(reaper, ReadOnlyLauncher(environment), states, hasCgroups ? "cgroupfs" : "disabled");
        cgroups = new CgroupTree(Cgroups.Root, CgroupParent(environment), environment.CgroupsAvailable);
        Events = new EventRing(time);
    }

    /// <summary>Raised when a first process (empty exec id) or an exec has ended: container id, exec id, status 0 to 255.</summary>
    public event Action<string, string, int>? Exited;

    /// <summary>What happened.</summary>
    public EventRing Events { get; }

    /// <summary>Runs a program of the guest image to its end, with its output in a file.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> RunToolAsync(IReadOnlyList<string> arguments, string outputFile)
    {
        using SafeFileHandle nothing = LinuxFiles.OpenNull();
        using SafeFileHandle output = File.OpenHandle(outputFile, FileMode.Create, FileAccess.Write);
        return await reaper.Spawn(arguments, ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], nothing, output, output).Ended;
    }

    /// <summary>A container by its id.</summary>
    public Container Get(string id) => containers.TryGetValue(id, out Container? container) ? container : throw Failures.NoContainer(id);

    /// <summary>A process by its ids.</summary>
    public ManagedProcess GetProcess(string id, string execId) => Get(id).Find(execId) ?? throw Failures.NoProcess(id, execId);

    /// <summary>
    /// Where the launcher is on a read-only mount. Elsewhere crun 1.8.1 first makes such a mount of itself, against containers that would
    /// overwrite it through /proc, and starts itself again from there: a quarter of its time.
    /// </summary>
    private static string ReadOnlyLauncher(GuestEnvironment environment)
    {
        string path = Path.Combine(environment.WorkDirectory, "crun");
        if (!File.Exists(Launcher))
        {
            return Launcher;
        }

        File.Create(path).Dispose();
        LinuxMounts.Mount(Launcher, path, "none", MountFlags.Bind);
        LinuxMounts.Mount("none", path, "none", MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev);
        return path;
    }

    /// <summary>A VM has the hierarchy to itself; on the process machine all sandboxes share the host's, and each needs a folder of its own.</summary>
    private static string CgroupParent(GuestEnvironment environment) =>
        environment.IsVm ? "pavise" : $"pavise-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(environment.WorkDirectory)).AsSpan(0, 8))}";
}
