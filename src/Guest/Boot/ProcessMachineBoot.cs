#if PAVISE_DEVELOPMENT
using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>
/// The <c>process</c> machine: PID 1 of fresh namespaces on the host's own kernel. No protection from the host; for development and for
/// measuring the shield at native speed. Does not exist in the production flavour.
/// </summary>
internal static class ProcessMachineBoot
{
    public const string Option = "--process-machine";

    public static GuestEnvironment Prepare(string sandboxDirectory)
    {
        LinuxMounts.Mount("none", "/", "none", MountFlags.Private | MountFlags.Recursive);
        LinuxMounts.Mount("proc", "/proc", "proc", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
        string work = Path.Combine(sandboxDirectory, "guest");
        Directory.CreateDirectory(work);
        LinuxMounts.Mount("tmpfs", work, "tmpfs", MountFlags.NoSuid | MountFlags.NoDev, "mode=0755");
        Loopback.Up();
        MountCgroups();

        // The host's controllers are bound to version 1: there are groups, and neither limits nor statistics.
        return new GuestEnvironment(work, Path.Combine(sandboxDirectory, "images"), CgroupsAvailable: false);
    }

    /// <summary>The launcher accepts only a pure cgroup v2 hierarchy; the host's may be hybrid, with its controllers bound to version 1.</summary>
    private static void MountCgroups()
    {
        try
        {
            LinuxMounts.Detach(Cgroups.Root);
            LinuxMounts.Mount("cgroup2", Cgroups.Root, "cgroup2", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
        }
        catch (LinuxException)
        {
            // The launcher then runs without groups.
        }
    }
}
#endif
