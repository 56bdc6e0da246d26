using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>
/// System calls below one folder, by descriptors; names are bytes that end with a zero byte. Each returns what the kernel does, or the negative errno: failing is
/// an answer here, not an exception.
/// </summary>
internal static unsafe partial class VolumeFolder // SAFETY: every span is pinned for its call, names end with a zero byte, buffers are given with their length.
{
    private const int Here = -100, EmptyPath = 0x1000, NoFollow = 0x100, NoAutomount = 0x800, FollowLink = 0x400;
    private const int PathOnly = 0x200000, CloseOnExec = 0x80000, NoFollowOpen = 0x20000, FolderOpen = 0x10000;
    private const int SysOpenat2 = 437, SysGetdents64 = 217, SysCapset = 126, SysRenameat2 = 316;
    private const ulong ResolveBeneath = 0x08, ResolveNoMagicLinks = 0x02, ResolveNoSymlinks = 0x04;
    private const int FilesLimit = 7;

    /// <summary>Bytes of struct statx and more than struct statfs.</summary>
    public const int StatBytes = 256;

    /// <summary>Opens one name below a folder, never a link's target, never above.</summary>
    public static int Open(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, uint mode)
    {
        ulong* how = stackalloc ulong[3];
        how[0] = (uint)(flags | CloseOnExec | NoFollowOpen);
        how[1] = mode;
        how[2] = ResolveBeneath | ResolveNoMagicLinks | ResolveNoSymlinks;
        fixed (byte* n = name)
        {
            return Result(openat2(SysOpenat2, folder, n, how, 24));
        }
    }

    /// <summary>The same, as a place only (O_PATH): a link itself, where it is one.</summary>
    public static int OpenPlace(SafeFileHandle folder, ReadOnlySpan<byte> name) => Open(folder, name, PathOnly, 0);

    /// <summary>Opens the volume's folder itself, as a place only.</summary>
    public static SafeFileHandle OpenRoot(string path)
    {
        int descriptor = open(path, PathOnly | CloseOnExec | FolderOpen);
        return descriptor < 0 ? throw SystemCallException.Last($"open {path}") : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>A name for a file that outlives its descriptor (struct file_handle).</summary>
    /// <returns>Bytes of it; negative where the file system has none.</returns>
    public static int NameHandle(SafeFileHandle file, Span<byte> buffer, out int mount)
    {
        const int head = 8;
        fixed (byte* b = buffer)
        fixed (int* m = &mount)
        {
            byte empty = 0;
            *(int*)b = buffer.Length - head;
            int result = Result(name_to_handle_at(file, &empty, b, m, EmptyPath));
            return result < 0 ? result : head + *(int*)b;
        }
    }

    /// <summary>Opens, as a place only, what has such a name. It was made by this process: the kernel believes it.</summary>
    /// <param name="mount">Any open file of the same mount; no place.</param>
    /// <param name="handle">What <see cref="NameHandle"/> gave.</param>
    public static int OpenHandle(SafeFileHandle mount, ReadOnlySpan<byte> handle)
    {
        fixed (byte* h = handle)
        {
            return Result(open_by_handle_at(mount, h, PathOnly | CloseOnExec | NoFollowOpen));
        }
    }

    /// <summary>Opens what a place is: a regular file or a folder, which the caller has made sure of.</summary>
    /// <param name="path">The place's own name below /proc/self/fd.</param>
    /// <param name="flags">O_ flags.</param>
    public static int Reopen(string path, int flags) => Result(open(path, flags | CloseOnExec));

    /// <summary>Facts, as struct statx.</summary>
    public static int Stat(SafeFileHandle file, Span<byte> buffer)
    {
        const uint basicAndBirth = 0xfff;
        fixed (byte* b = buffer)
        {
            byte empty = 0;
            return Result(statx(file, &empty, EmptyPath | NoFollow | NoAutomount, basicAndBirth, b));
        }
    }

    public static int StatFileSystem(SafeFileHandle file, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            return Result(fstatfs(file, b));
        }
    }

    public static int Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        fixed (byte* b = buffer)
        {
            return Result(pread(file, b, (nuint)buffer.Length, offset));
        }
    }

    public static int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* b = bytes)
        {
            return Result(pwrite(file, b, (nuint)bytes.Length, offset));
        }
    }

    /// <summary>Entries of an open folder from its position on, as struct linux_dirent64.</summary>
    public static int ReadEntries(SafeFileHandle folder, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            return Result(syscall(SysGetdents64, folder, b, (nuint)buffer.Length));
        }
    }

    public static int Seek(SafeFileHandle folder, long position) => lseek(folder, position, 0) < 0 ? -Marshal.GetLastPInvokeError() : 0;

    public static int MakeFolder(SafeFileHandle folder, ReadOnlySpan<byte> name, uint mode)
    {
        fixed (byte* n = name)
        {
            return Result(mkdirat(folder, n, mode));
        }
    }

    public static int MakeNode(SafeFileHandle folder, ReadOnlySpan<byte> name, uint mode)
    {
        fixed (byte* n = name)
        {
            return Result(mknodat(folder, n, mode, 0));
        }
    }

    public static int MakeLink(SafeFileHandle folder, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        fixed (byte* n = name)
        fixed (byte* t = text)
        {
            return Result(symlinkat(t, folder, n));
        }
    }

    public static int Unlink(SafeFileHandle folder, ReadOnlySpan<byte> name, bool isFolder)
    {
        const int removeFolder = 0x200;
        fixed (byte* n = name)
        {
            return Result(unlinkat(folder, n, isFolder ? removeFolder : 0));
        }
    }

    public static int Rename(SafeFileHandle folder, ReadOnlySpan<byte> name, SafeFileHandle newFolder, ReadOnlySpan<byte> newName, uint flags)
    {
        fixed (byte* n = name)
        fixed (byte* m = newName)
        {
            return Result(renameat2(SysRenameat2, folder, n, newFolder, m, flags));
        }
    }

    /// <summary>Another name for what a place is.</summary>
    public static int Link(string path, SafeFileHandle folder, ReadOnlySpan<byte> name)
    {
        fixed (byte* n = name)
        {
            return Result(linkat(Here, path, folder, n, FollowLink));
        }
    }

    public static int ReadLink(SafeFileHandle link, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            byte empty = 0;
            return Result(readlinkat(link, &empty, b, (nuint)buffer.Length));
        }
    }

    /// <summary>Owner and group; uint.MaxValue leaves one as it is.</summary>
    public static int ChangeOwner(SafeFileHandle file, uint uid, uint gid)
    {
        byte empty = 0;
        return Result(fchownat(file, &empty, uid, gid, EmptyPath | NoFollow));
    }

    public static int ChangeMode(string path, uint mode) => Result(chmod(path, mode));

    public static int Truncate(string path, long size) => Result(truncate(path, size));

    public static int Truncate(SafeFileHandle file, long size) => Result(ftruncate(file, size));

    /// <summary>Times; four numbers as two struct timespec, UTIME_NOW and UTIME_OMIT among them.</summary>
    public static int ChangeTimes(string path, ReadOnlySpan<long> times)
    {
        fixed (long* t = times)
        {
            return Result(utimensat(Here, path, t, 0));
        }
    }

    public static int Sync(SafeFileHandle file, bool dataOnly) => Result(dataOnly ? fdatasync(file) : fsync(file));

    public static int Allocate(SafeFileHandle file, int mode, long offset, long length) => Result(fallocate(file, mode, offset, length));

    public static int GetXattr(string path, ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        fixed (byte* n = name)
        fixed (byte* b = buffer)
        {
            return Result(getxattr(path, n, b, (nuint)buffer.Length));
        }
    }

    public static int SetXattr(string path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags)
    {
        fixed (byte* n = name)
        fixed (byte* v = value)
        {
            return Result(setxattr(path, n, v, (nuint)value.Length, flags));
        }
    }

    public static int ListXattr(string path, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            return Result(listxattr(path, b, (nuint)buffer.Length));
        }
    }

    public static int RemoveXattr(string path, ReadOnlySpan<byte> name)
    {
        fixed (byte* n = name)
        {
            return Result(removexattr(path, n));
        }
    }

    /// <summary>Leaves the calling thread only the capabilities in a mask (linux/capability.h); other threads keep theirs.</summary>
    public static int KeepCapabilities(ulong mask)
    {
        uint* header = stackalloc uint[2];
        header[0] = 0x20080522;
        header[1] = 0;
        uint* sets = stackalloc uint[6];
        sets[0] = sets[1] = (uint)mask;
        sets[3] = sets[4] = (uint)(mask >> 32);
        sets[2] = sets[5] = 0;
        return Result(capset(SysCapset, header, sets));
    }

    /// <summary>Raises the limit of open files as far as this process may.</summary>
    /// <returns>The limit.</returns>
    public static ulong RaiseFileLimit(ulong files)
    {
        ulong* limit = stackalloc ulong[2];
        limit[0] = limit[1] = files;
        if (setrlimit(FilesLimit, limit) != 0 && getrlimit(FilesLimit, limit) == 0)
        {
            limit[0] = limit[1];
            _ = setrlimit(FilesLimit, limit);
        }

        return getrlimit(FilesLimit, limit) == 0 ? limit[0] : 0;
    }

    /// <summary>Gives the calling thread a mode mask of its own, and none of its bits set: what the guest asks for is masked already.</summary>
    public static void ClearModeMask()
    {
        const int fileSystem = 0x200;
        if (unshare(fileSystem) == 0)
        {
            _ = umask(0);
        }
    }

    private static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();
}
