using System.Runtime.InteropServices;

namespace Pavise.Guest.Interop;

/// <summary>Flags of <c>mount(2)</c>, linux/mount.h.</summary>
[Flags]
public enum MountFlags : ulong
{
    /// <summary>No flag.</summary>
    None = 0,
    /// <summary>MS_RDONLY.</summary>
    ReadOnly = 1,
    /// <summary>MS_NOSUID.</summary>
    NoSuid = 2,
    /// <summary>MS_NODEV.</summary>
    NoDev = 4,
    /// <summary>MS_NOEXEC.</summary>
    NoExec = 8,
    /// <summary>MS_REMOUNT.</summary>
    Remount = 32,
    /// <summary>MS_BIND.</summary>
    Bind = 4096,
    /// <summary>MS_MOVE.</summary>
    Move = 8192,
    /// <summary>MS_REC.</summary>
    Recursive = 16384,
    /// <summary>MS_PRIVATE.</summary>
    Private = 1 << 18,
}

/// <summary>Mounting, unmounting, changing the root.</summary>
public static partial class LinuxMounts
{
    private const int MntDetach = 2;

    /// <summary><c>mount(2)</c>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Mount(string source, string target, string type, MountFlags flags, string data = "") =>
        LinuxException.Check(mount(source, target, type, (ulong)flags, data), $"mounting {type} at {target}");

    /// <summary><c>umount2(2)</c>, detaching at once and releasing when unused.</summary>
    public static void Detach(string target) => LinuxException.Check(umount2(target, MntDetach), $"unmounting {target}");

    /// <summary><c>umount2(2)</c> without detaching: fails while in use.</summary>
    public static void Unmount(string target) => LinuxException.Check(umount2(target, 0), $"unmounting {target}");

    /// <summary>
    /// Moves a mount over the root and makes it this process's root, as <c>switch_root(8)</c> does. The way to it goes through the working
    /// directory: once something is mounted over the root, absolute paths still start below it.
    /// </summary>
    public static void MoveToRoot(string path)
    {
        LinuxException.Check(chdir(path), $"changing to {path}");
        LinuxException.Check(mount(".", "/", "none", (ulong)MountFlags.Move, ""), $"moving {path} to the root");
        LinuxException.Check(chroot("."), $"changing the root to {path}");
        LinuxException.Check(chdir("/"), "changing to the new root");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chroot(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);
}
