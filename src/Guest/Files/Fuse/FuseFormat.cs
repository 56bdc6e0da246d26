using Pavise.Boundary.HostCalls.Files;

namespace Pavise.Guest.Files.Fuse;

/// <summary>What is written for the kernel (linux/fuse.h), each without struct fuse_out_header.</summary>
internal static class FuseFormat
{
    public const int OutHeaderBytes = 16, EntryBytes = 128, AttributeBytes = 104, OpenBytes = 16, DirentBytes = 24;

    /// <summary>Seconds for which the kernel believes names and attributes without asking again; the host's side may change them meanwhile.</summary>
    private const ulong ValidSeconds = 1;

    private const uint BlockBytes = 4096;

    private static ReadOnlySpan<byte> Zeros => [0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>struct fuse_entry_out.</summary>
    public static void Entry(ref FileBodyWriter w, FileNode node, in FileFacts facts)
    {
        w.U64(node.Number);
        w.U64(0);
        w.U64(ValidSeconds);
        w.U64(ValidSeconds);
        w.U64(0);
        Attributes(ref w, facts);
    }

    /// <summary>struct fuse_attr_out.</summary>
    public static void AttributesOut(ref FileBodyWriter w, in FileFacts facts)
    {
        w.U64(ValidSeconds);
        w.U64(0);
        Attributes(ref w, facts);
    }

    /// <summary>struct fuse_open_out.</summary>
    public static void Opened(ref FileBodyWriter w, ulong handle, uint flags)
    {
        w.U64(handle);
        w.U32(flags);
        w.U32(0);
    }

    /// <summary>struct fuse_kstatfs.</summary>
    public static void FileSystem(ref FileBodyWriter w, in FileSystemFacts f)
    {
        w.U64(f.Blocks);
        w.U64(f.Free);
        w.U64(f.Available);
        w.U64(f.Files);
        w.U64(f.FreeFiles);
        w.U32(f.BlockBytes);
        w.U32(FileLimits.NameBytes);
        w.U32(f.BlockBytes);
        for (int i = 0; i < 7; i++)
        {
            w.U32(0);
        }
    }

    /// <summary>Bytes of struct fuse_dirent with its name, padded.</summary>
    public static int DirentLength(int name) => (DirentBytes + name + 7) & ~7;

    /// <summary>struct fuse_dirent.</summary>
    public static void Dirent(ref FileBodyWriter w, in FolderEntry entry, scoped ReadOnlySpan<byte> name)
    {
        w.U64(entry.Inode);
        w.U64(entry.Next);
        w.U32((uint)name.Length);
        w.U32(entry.Type);
        w.Bytes(name);
        w.Bytes(Zeros[..(DirentLength(name.Length) - DirentBytes - name.Length)]);
    }

    /// <summary>struct fuse_attr.</summary>
    private static void Attributes(ref FileBodyWriter w, in FileFacts f)
    {
        w.U64(f.Inode);
        w.U64(f.Size);
        w.U64(f.Blocks);
        w.U64((ulong)f.Accessed.Seconds);
        w.U64((ulong)f.Modified.Seconds);
        w.U64((ulong)f.Changed.Seconds);
        w.U32(f.Accessed.Nanoseconds);
        w.U32(f.Modified.Nanoseconds);
        w.U32(f.Changed.Nanoseconds);
        w.U32(f.Mode);
        w.U32(f.Links);
        w.U32(f.Uid);
        w.U32(f.Gid);
        w.U32(0);
        w.U32(BlockBytes);
        w.U32(0);
    }
}
