using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Volumes;

/// <summary>
/// The file system of an encrypted volume. A block that was never written has no MAC and cannot be read; ext4 reads none but those that <see cref="Prepare"/> writes.
/// </summary>
internal static class Ext4
{
    private const string Maker = "/usr/sbin/mke2fs";
    private const int BlocksPerGroup = 32768;
    private const int EdgeBlocks = 16;
    private const int DescriptorsPerBlock = 64;

    /// <summary>Bitmaps of a flexible group's 16 groups, of blocks and of inodes, and as many again.</summary>
    private const int BitmapBlocks = 64;

    /// <summary>EXT4_IOC_RESIZE_FS, <c>_IOW('f', 16, __u64)</c> (fs/ext4/ext4.h).</summary>
    private const nuint Resize = 0x40086610;

    /// <summary>Written out, so that no configuration file is needed and another version of the program makes the same.</summary>
    private const string Features = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";

    /// <summary>Makes it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="run">Runs a program with its output in a file; returns its status.</param>
    /// <param name="log">That file.</param>
    public static async Task MakeAsync(string device, ulong bytes, Func<IReadOnlyList<string>, string, Task<int>> run, string log)
    {
        Prepare(device, bytes);
        int status = await run([Maker, "-F", "-q", "-t", "ext4", "-b", $"{VolumeLayout.BlockBytes}", "-m", "0", "-O", Features, "-E", "lazy_itable_init=1,lazy_journal_init=0,nodiscard,root_owner=0:0", device], log);
        if (status != 0)
        {
            throw new VolumeException($"mke2fs ended with status {status}: {LastLine(log)}");
        }
    }

    /// <summary>Mounts it; the kernel replays its journal. Errors leave it read-only rather than make it worse.</summary>
    public static void Mount(string device, string path)
    {
        try
        {
            LinuxMounts.Mount(device, path, "ext4", MountFlags.NoSuid | MountFlags.NoDev, "errors=remount-ro");
        }
        catch (LinuxException e)
        {
            throw new VolumeException($"the volume's file system does not mount: blocks of it are damaged ({e.Message})", e);
        }
    }

    /// <summary>Enlarges it to the device's size, while it is mounted, where it is smaller by a block group or more.</summary>
    public static void Grow(string device, ulong bytes, string path)
    {
        ulong blocks = bytes / VolumeLayout.BlockBytes;
        (ulong before, int reserved) = Superblock(device);
        if (before + BlocksPerGroup > blocks)
        {
            return;
        }

        // The kernel first reads the last block, to see that it is there, and the new groups' bitmaps, whose checksums it makes before it writes them: they are behind the copies of superblock and descriptors.
        int head = 1 + (int)(blocks / BlocksPerGroup / DescriptorsPerBlock) + 1 + reserved + BitmapBlocks;
        using (FileStream stream = new(device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0))
        {
            for (ulong first = (before + BlocksPerGroup - 1) / BlocksPerGroup * BlocksPerGroup; first < blocks; first += BlocksPerGroup)
            {
                Zero(stream, first, (int)Math.Min((ulong)head, blocks - first));
            }

            Zero(stream, blocks - 1, 1);
            stream.Flush(flushToDisk: true);
        }

        byte[] count = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(count, blocks);
        using SafeFileHandle root = LinuxFiles.OpenDirectory(path);
        LinuxIoctl.Call(root, Resize, count, "enlarging the volume's file system");
    }

    /// <summary>What its superblock, at 1024, says: blocks (s_blocks_count, at 4 and 0x150), and those reserved in each group for more descriptors (s_reserved_gdt_blocks, at 0xCE).</summary>
    private static (ulong Blocks, int Reserved) Superblock(string device)
    {
        using FileStream stream = new(device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        byte[] block = new byte[VolumeLayout.BlockBytes];
        stream.ReadExactly(block);
        ReadOnlySpan<byte> superblock = block.AsSpan(1024);
        return (BinaryPrimitives.ReadUInt32LittleEndian(superblock[4..]) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x150..]) << 32), BinaryPrimitives.ReadUInt16LittleEndian(superblock[0xCE..]));
    }

    /// <summary>
    /// Writes the blocks of which mke2fs writes a part, so that the rest of them can be read: both ends, and where the copies of the superblock are (sparse_super: groups 1 and
    /// the powers of 3, 5 and 7).
    /// </summary>
    private static void Prepare(string device, ulong bytes)
    {
        ulong blocks = bytes / VolumeLayout.BlockBytes;
        using FileStream stream = new(device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        Zero(stream, 0, EdgeBlocks);
        Zero(stream, blocks - EdgeBlocks, EdgeBlocks);
        foreach (ulong group in Copies(blocks / BlocksPerGroup))
        {
            if (group * BlocksPerGroup < blocks)
            {
                Zero(stream, group * BlocksPerGroup, 1);
            }
        }

        stream.Flush(flushToDisk: true);
    }

    internal static IEnumerable<ulong> Copies(ulong last)
    {
        yield return 1;
        foreach (ulong of in new ulong[] { 3, 5, 7 })
        {
            for (ulong group = of; group <= last; group *= of)
            {
                yield return group;
            }
        }
    }

    private static void Zero(FileStream stream, ulong block, int count)
    {
        stream.Position = checked((long)block * VolumeLayout.BlockBytes);
        stream.Write(new byte[count * VolumeLayout.BlockBytes]);
    }

    private static string LastLine(string log) => File.ReadLines(log).Take(64).LastOrDefault(l => l.Length > 0) is { } line ? line[..Math.Min(line.Length, 200)].ToString(CultureInfo.InvariantCulture) : "it said nothing";
}
