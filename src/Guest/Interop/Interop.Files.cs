using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>Type, permissions and owner of a file; a symbolic link is not followed.</summary>
/// <param name="Type">S_IFMT part of st_mode.</param>
/// <param name="Mode">Permission bits, 0 to 07777.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
public readonly record struct FileStatus(uint Type, uint Mode, uint Uid, uint Gid)
{
    /// <summary>S_IFDIR.</summary>
    public bool IsDirectory => Type == 0x4000;

    /// <summary>S_IFREG.</summary>
    public bool IsRegular => Type == 0x8000;

    /// <summary>S_IFLNK.</summary>
    public bool IsLink => Type == 0xA000;
}

/// <summary>What the runtime's file classes do not know: owners, pipes.</summary>
public static partial class LinuxFiles
{
    private const int AtFdcwd = -100, AtSymlinkNofollow = 0x100;
    private const uint StatxBasic = 0x7ff;
    private const int StatxBytes = 256;
    private const int OpenCloexec = 0x80000, OpenReadWrite = 2, OpenDirectoryOnly = 0x10000;
    private const int ErrnoNoEntry = 2, ErrnoNotDirectory = 20;

    /// <summary>Status of a path, or null if there is nothing.</summary>
    public static FileStatus? Status(string path)
    {
        byte[] buffer = new byte[StatxBytes];
        if (statx(AtFdcwd, path, AtSymlinkNofollow, StatxBasic, buffer) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            return errno is ErrnoNoEntry or ErrnoNotDirectory ? null : throw new LinuxException($"reading the status of {path}", errno);
        }

        // struct statx: stx_uid at 20, stx_gid at 24, stx_mode at 28.
        ushort mode = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(28));
        return new(mode & 0xF000u, mode & 0xFFFu, BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(20)), BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(24)));
    }

    /// <summary>Gives a file that is not a symbolic link an owner and permissions (in this order: a change of owner clears set-id bits).</summary>
    public static void SetOwnerAndMode(string path, uint uid, uint gid, uint mode)
    {
        LinuxException.Check(chown(path, uid, gid), $"giving {path} an owner");
        LinuxException.Check(chmod(path, mode), $"giving {path} permissions");
    }

    /// <summary><c>pipe2(2)</c> with O_CLOEXEC.</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        int[] ends = new int[2];
        LinuxException.Check(pipe2(ends, OpenCloexec), "making a pipe");
        return (new(ends[0], ownsHandle: true), new(ends[1], ownsHandle: true));
    }

    /// <summary>Opens /dev/null on every closed descriptor among 0, 1, 2: PID 1 without a console has none, and no pipe may land there.</summary>
    public static void ReserveStandardDescriptors()
    {
        int descriptor;
        do
        {
            descriptor = LinuxException.Check(open("/dev/null", OpenReadWrite), "opening /dev/null");
        }
        while (descriptor <= 2);
        _ = close(descriptor);
    }

    /// <summary>A directory, for requests about the file system that it is on.</summary>
    public static SafeFileHandle OpenDirectory(string path) =>
        new(LinuxException.Check(open(path, OpenDirectoryOnly | OpenCloexec), $"opening {path}"), ownsHandle: true);

    /// <summary>/dev/null.</summary>
    public static SafeFileHandle OpenNull() =>
        new(LinuxException.Check(open("/dev/null", OpenReadWrite | OpenCloexec), "opening /dev/null"), ownsHandle: true);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, [In, Out] byte[] buffer);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2([In, Out] int[] ends, int flags);
}
