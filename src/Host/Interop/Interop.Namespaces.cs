using System.Runtime.InteropServices;

namespace Pavise.Host.Interop;

/// <summary>Namespaces and mounts of one thread.</summary>
public static partial class NativeNamespaces
{
    private const int NewMount = 0x00020000;
    private const int NewCgroup = 0x02000000;
    private const int NewUts = 0x04000000;
    private const int NewIpc = 0x08000000;
    private const int NewPid = 0x20000000;
    private const int NewNet = 0x40000000;
    private const ulong Recursive = 0x4000;
    private const ulong Private = 0x40000;
    private const ulong ReadOnly = 1;
    private const int Detach = 2;
    private const int ReadCloseOnExec = 0x80000;

    /// <summary>
    /// Moves the calling thread into fresh namespaces (mount, UTS, IPC, network, cgroup; PID for its children, the first of which is
    /// PID 1), with no mount event leaving. For a thread that does nothing else afterwards than start and await one child.
    /// </summary>
    public static void EnterFresh()
    {
        if (unshare(NewMount | NewCgroup | NewUts | NewIpc | NewPid | NewNet) != 0)
        {
            throw SystemCallException.Last("unshare");
        }

        if (mount("none", "/", null, Recursive | Private, null) != 0)
        {
            throw SystemCallException.Last("mount --make-rprivate /");
        }
    }

    /// <summary>Moves the calling thread into a network namespace: a path of one, or empty for a fresh one.</summary>
    /// <exception cref="SystemCallException">There is none, or this process may not.</exception>
    public static void EnterNetwork(string path)
    {
        if (path.Length == 0)
        {
            if (unshare(NewNet) != 0)
            {
                throw SystemCallException.Last("unshare");
            }

            return;
        }

        int descriptor = open(path, ReadCloseOnExec);
        if (descriptor < 0)
        {
            throw SystemCallException.Last($"open {path}");
        }

        try
        {
            if (setns(descriptor, NewNet) != 0)
            {
                throw SystemCallException.Last($"setns {path}");
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Mounts a read-only overlay of lower directories (topmost first).</summary>
    public static void MountOverlay(string target, string options)
    {
        if (mount("overlay", target, "overlay", ReadOnly, options) != 0)
        {
            throw SystemCallException.Last($"mount overlay ({options})");
        }
    }

    /// <summary>Takes a mount out of the tree; it goes when the last descriptor below it is closed.</summary>
    public static void DetachMount(string target)
    {
        if (umount2(target, Detach) != 0)
        {
            throw SystemCallException.Last($"umount {target}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int descriptor, int type);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
