using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>From the kernel's hand-over to a system in which containers can run.</summary>
internal static class VirtualMachineBoot
{
    private const string WorkDirectory = "/run/pavise";
    private const string NewRoot = "/newroot";

    /// <summary>Folders of the initial file system that are needed later; bound rather than copied, which costs nothing.</summary>
    private static readonly string[] Kept = ["usr", "lib", "lib64", "bin", "sbin", "etc", "modules"];

    /// <summary>Whether the machine has a PCI bus with devices; microvm has none.</summary>
    public static bool HasPci => Directory.Exists("/sys/bus/pci/devices") && Directory.EnumerateFileSystemEntries("/sys/bus/pci/devices").Any();

    /// <summary>Mounts what the first module loads need.</summary>
    public static void MountEarly()
    {
        LinuxMounts.Mount("proc", "/proc", "proc", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
        LinuxMounts.Mount("sysfs", "/sys", "sysfs", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
        LinuxMounts.Mount("devtmpfs", "/dev", "devtmpfs", MountFlags.NoSuid | MountFlags.NoExec, "mode=0755");
    }

    /// <summary>From here on the kernel takes no devices.</summary>
    public static void SealDevices() => Seal(ExpectedMachine.Seal);

    /// <summary>From here on the kernel takes no code.</summary>
    public static void SealModules() => Seal(() => KernelSettings.ForbidModules());

    private static void Seal(Action seal)
    {
        try
        {
            seal();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fatal.Stop($"the kernel could not be sealed: {e.Message}");
        }
    }

    /// <summary>
    /// Leaves the initial file system: pivot_root, which the process launcher needs in each container's mount namespace, is not possible
    /// while the root is the kernel's initial ram file system.
    /// </summary>
    public static GuestEnvironment ChangeRoot()
    {
        Directory.CreateDirectory(NewRoot);
        LinuxMounts.Mount("tmpfs", NewRoot, "tmpfs", MountFlags.NoDev, "mode=0755");
        foreach (string folder in Kept.Where(f => Directory.Exists($"/{f}")))
        {
            Directory.CreateDirectory($"{NewRoot}/{folder}");
            LinuxMounts.Mount($"/{folder}", $"{NewRoot}/{folder}", "none", MountFlags.Bind | MountFlags.Recursive);
        }

        foreach (string folder in new[] { "proc", "sys", "dev" })
        {
            Directory.CreateDirectory($"{NewRoot}/{folder}");
            LinuxMounts.Mount($"/{folder}", $"{NewRoot}/{folder}", "none", MountFlags.Move);
        }

        Directory.CreateDirectory($"{NewRoot}/run");
        Directory.CreateDirectory($"{NewRoot}/tmp");
        LinuxMounts.MoveToRoot(NewRoot);
        LinuxMounts.Mount("none", "/", "none", MountFlags.Private | MountFlags.Recursive);
        LinuxMounts.Mount("tmpfs", "/run", "tmpfs", MountFlags.NoSuid | MountFlags.NoDev, "mode=0755");
        Directory.CreateDirectory(WorkDirectory);
        Directory.CreateDirectory("/dev/pts");
        LinuxMounts.Mount("devpts", "/dev/pts", "devpts", MountFlags.NoSuid | MountFlags.NoExec, "mode=0600,ptmxmode=0666");
        Cgroups.Mount();
        Loopback.Up();
        KernelSettings.Apply();
        return new GuestEnvironment(WorkDirectory, null, CgroupsAvailable: true);
    }
}
