using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Images.Interop;

/// <summary>What <c>statx(2)</c> says of a file.</summary>
/// <param name="Mode">Type and permission bits, as S_IFMT and below.</param>
/// <param name="LinkCount">Hard links.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Size">Bytes.</param>
/// <param name="MtimeSeconds">Seconds since 1970.</param>
/// <param name="DeviceMajor">Of a device node.</param>
/// <param name="DeviceMinor">Of a device node.</param>
/// <param name="OnMajor">Device the file is on.</param>
/// <param name="OnMinor">Device the file is on.</param>
public readonly record struct FileStatus(ushort Mode, uint LinkCount, uint Uid, uint Gid, ulong Inode, ulong Size, long MtimeSeconds, uint DeviceMajor, uint DeviceMinor, uint OnMajor, uint OnMinor);

/// <summary>Files by directory descriptor and raw name bytes: names need not be text, and no link is followed.</summary>
public static partial class LinuxFiles
{
    private const int OpenDirectoryFlags = 0x10000 | 0x20000 | 0x80000;
    private const int OpenFileFlags = 0x20000 | 0x80000 | 0x800;
    private const int AtCwd = -100;
    private const int AtSymlinkNofollow = 0x100;
    private const uint StatxBasic = 0x7ff;
    private const int StatxBytes = 256;
    private const int DirectoryBufferBytes = 64 * 1024;
    private const int LinkBytes = 4096;
    private const int XattrListBytes = 64 * 1024;
    private const int ErrnoNotSupported = 95;
    private const int ErrnoNoData = 61;

    /// <summary>Opens a directory by path; a link there is followed.</summary>
    public static SafeFileHandle OpenRoot(string path) =>
        new(Check(openat(AtCwd, System.Text.Encoding.UTF8.GetBytes(path + '\0'), OpenDirectoryFlags & ~0x20000), $"opening {path}"), ownsHandle: true);

    /// <summary>Opens a subdirectory.</summary>
    public static SafeFileHandle OpenDirectory(SafeFileHandle parent, byte[] name) => new(Check(openat(parent, Terminated(name), OpenDirectoryFlags), "opening a directory"), ownsHandle: true);

    /// <summary>Opens a regular file for reading by its whole path, in raw bytes.</summary>
    public static SafeFileHandle OpenFile(byte[] path) => new(Check(openat(AtCwd, Terminated(path), OpenFileFlags), "opening a file"), ownsHandle: true);

    /// <summary>Names in a directory, without <c>.</c> and <c>..</c>, in no particular order.</summary>
    public static List<byte[]> Names(SafeFileHandle directory)
    {
        List<byte[]> names = [];
        byte[] buffer = new byte[DirectoryBufferBytes];
        while (true)
        {
            int length = Check((int)getdents64(directory, buffer, (nuint)buffer.Length), "reading a directory");
            if (length == 0)
            {
                return names;
            }

            // struct linux_dirent64: ino u64, off s64, reclen u16, type u8, name NUL-terminated.
            for (int at = 0; at < length;)
            {
                int record = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16));
                ReadOnlySpan<byte> name = buffer.AsSpan(at + 19, record - 19);
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    names.Add(name.ToArray());
                }

                at += record;
            }
        }
    }

    /// <summary>Status of a name in a directory; of the directory itself when the name is empty.</summary>
    public static FileStatus Status(SafeFileHandle directory, byte[] name)
    {
        const int AtEmptyPath = 0x1000;
        byte[] s = new byte[StatxBytes];
        Check(statx(directory, Terminated(name), AtSymlinkNofollow | (name.Length == 0 ? AtEmptyPath : 0), StatxBasic, s), "reading a file's status");

        // struct statx (linux/stat.h).
        uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(s.AsSpan(at));
        ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(s.AsSpan(at));
        return new FileStatus(BinaryPrimitives.ReadUInt16LittleEndian(s.AsSpan(28)), U32(16), U32(20), U32(24), U64(32), U64(40), (long)U64(112), U32(128), U32(132), U32(136), U32(140));
    }

    /// <summary>Target of a symbolic link.</summary>
    public static byte[] ReadLink(SafeFileHandle directory, byte[] name)
    {
        byte[] buffer = new byte[LinkBytes];
        int length = Check((int)readlinkat(directory, Terminated(name), buffer, (nuint)buffer.Length), "reading a link");
        return buffer[..length];
    }

    /// <summary>Extended attributes of a name in a directory (of the directory itself when the name is empty), unfiltered.</summary>
    public static List<(byte[] Name, byte[] Value)> Xattrs(SafeFileHandle directory, byte[] name)
    {
        // The *at forms are new (6.13); the descriptor's link in /proc gives the same race-free base.
        byte[] path = [.. System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{directory.DangerousGetHandle()}/"), .. name, 0];
        byte[] list = new byte[XattrListBytes];
        nint length = llistxattr(path, list, (nuint)list.Length);
        if (length < 0)
        {
            return Marshal.GetLastPInvokeError() == ErrnoNotSupported ? [] : throw Failure("listing extended attributes");
        }

        List<(byte[], byte[])> result = [];
        foreach (Range range in list.AsSpan(0, (int)length).Split((byte)0))
        {
            byte[] attribute = list[range];
            if (attribute.Length == 0)
            {
                continue;
            }

            byte[] value = new byte[XattrListBytes];
            nint size = lgetxattr(path, Terminated(attribute), value, (nuint)value.Length);
            if (size >= 0)
            {
                result.Add((attribute, value[..(int)size]));
            }
            else if (Marshal.GetLastPInvokeError() is not (ErrnoNoData or ErrnoNotSupported))
            {
                throw Failure("reading an extended attribute");
            }
        }

        return result;
    }

    private static byte[] Terminated(byte[] name) => [.. name, 0];

    private static int Check(int result, string what) => result >= 0 ? result : throw Failure(what);

    private static IOException Failure(string what) => new($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(SafeFileHandle directory, byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getdents64(SafeFileHandle directory, byte[] buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(SafeFileHandle directory, byte[] path, int flags, uint mask, byte[] buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readlinkat(SafeFileHandle directory, byte[] path, byte[] buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint llistxattr(byte[] path, byte[] list, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint lgetxattr(byte[] path, byte[] name, byte[] value, nuint length);
}
