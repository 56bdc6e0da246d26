using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>What statx tells of a file, links not followed.</summary>
public readonly record struct FileFacts(uint Mode, uint Uid, uint Gid, ulong Inode, ulong Size, long ModifiedNs, long ChangedNs, ulong RawDevice, ulong Device)
{
    private const uint TypeMask = 0xF000;

    /// <summary>How many names it has.</summary>
    public uint Links { get; init; } = 1;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsLink => (Mode & TypeMask) == 0xA000;
}

/// <summary>statx.</summary>
public static unsafe partial class NativeStat // SAFETY: see each block.
{
    private const int CurrentDirectory = -100;
    private const int NoFollowNoAutomount = 0x100 | 0x800;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int StatxBytes = 256;

    /// <summary>Reads the facts of a path.</summary>
    public static FileFacts Read(string path)
    {
        // SAFETY: struct statx is 256 bytes on every Linux.
        byte* buffer = stackalloc byte[StatxBytes];
        return statx(CurrentDirectory, path, NoFollowNoAutomount, BasicStats, buffer) == 0 ? Facts(new(buffer, StatxBytes)) : throw SystemCallException.Last($"statx {path}");
    }

    /// <summary>Reads the facts of an open file.</summary>
    public static FileFacts Read(SafeFileHandle file)
    {
        // SAFETY: as above.
        byte* buffer = stackalloc byte[StatxBytes];
        return statx((int)file.DangerousGetHandle(), "", EmptyPath, BasicStats, buffer) == 0 ? Facts(new(buffer, StatxBytes)) : throw SystemCallException.Last("statx");
    }

    private static FileFacts Facts(ReadOnlySpan<byte> s) =>
        new FileFacts(
            Mode: BinaryPrimitives.ReadUInt16LittleEndian(s[0x1c..]),
            Uid: BinaryPrimitives.ReadUInt32LittleEndian(s[0x14..]),
            Gid: BinaryPrimitives.ReadUInt32LittleEndian(s[0x18..]),
            Inode: BinaryPrimitives.ReadUInt64LittleEndian(s[0x20..]),
            Size: BinaryPrimitives.ReadUInt64LittleEndian(s[0x28..]),
            ModifiedNs: Time(s[0x70..]),
            ChangedNs: Time(s[0x60..]),
            RawDevice: BinaryPrimitives.ReadUInt64LittleEndian(s[0x80..]),
            Device: BinaryPrimitives.ReadUInt64LittleEndian(s[0x88..])) { Links = BinaryPrimitives.ReadUInt32LittleEndian(s[0x10..]) };

    private static long Time(ReadOnlySpan<byte> s) =>
        unchecked(BinaryPrimitives.ReadInt64LittleEndian(s) * 1_000_000_000 + BinaryPrimitives.ReadUInt32LittleEndian(s[8..]));

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, byte* buffer);
}
