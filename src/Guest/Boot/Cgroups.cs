using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>The cgroup v2 hierarchy of the guest.</summary>
internal static class Cgroups
{
    public const string Root = "/sys/fs/cgroup";

    private static readonly string[] Wanted = ["cpu", "memory", "pids", "io", "cpuset"];

    /// <summary>Mounts the hierarchy and hands the controllers to its children; PID 1 may stay in the root cgroup, which has no limits.</summary>
    public static void Mount()
    {
        LinuxMounts.Mount("cgroup2", Root, "cgroup2", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
        Enable();
    }

    /// <summary>Enables those of the wanted controllers that exist.</summary>
    /// <returns>Whether memory and pids, without which limits would be empty words, are among them.</returns>
    public static bool Enable()
    {
        string[] present = File.ReadAllText($"{Root}/cgroup.controllers").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string[] enabled = [.. Wanted.Intersect(present)];
        if (enabled.Length > 0)
        {
            File.WriteAllText($"{Root}/cgroup.subtree_control", string.Join(' ', enabled.Select(c => $"+{c}")));
        }

        return enabled.Contains("memory") && enabled.Contains("pids");
    }
}
