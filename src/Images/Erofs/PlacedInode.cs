namespace Pavise.Images.Erofs;

/// <summary>An inode with its place in the image.</summary>
internal sealed class PlacedInode(ImageInode inode, uint number)
{
    public ImageInode Inode { get; } = inode;

    /// <summary>Inode number, counted from 1 in the order of placement.</summary>
    public uint Number { get; } = number;

    /// <summary>Directory entries that name it; for a directory, 2 and its subdirectories.</summary>
    public uint LinkCount { get; set; }

    /// <summary>Bytes of content: of a file, a link target, or an encoded directory.</summary>
    public ulong Size { get; set; }

    public byte[] Xattrs { get; set; } = [];

    /// <summary>Byte offset of the inode in the image.</summary>
    public long Offset { get; set; }

    /// <summary>Offset in slots.</summary>
    public ulong Nid => (ulong)Offset / ErofsFormat.SlotBytes;

    /// <summary>Bytes of content kept beside the inode: 0 (all in blocks) or what is left of the last block.</summary>
    public int InlineBytes { get; set; }

    /// <summary>First block of the content that has blocks of its own.</summary>
    public uint FirstBlock { get; set; }

    /// <summary>Blocks of its own.</summary>
    public ulong Blocks => InlineBytes > 0 ? Size / ErofsFormat.BlockBytes : (Size + ErofsFormat.BlockBytes - 1) / ErofsFormat.BlockBytes;

    /// <summary>A directory's entries with <c>.</c> and <c>..</c>.</summary>
    public IReadOnlyList<(byte[] Name, PlacedInode Inode)> Entries { get; set; } = [];
}
