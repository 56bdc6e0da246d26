namespace Pavise.Images;

/// <summary>Opens a regular file's content, from its beginning.</summary>
public delegate Stream ContentOpener();

/// <summary>
/// One file of an image in the normal form that every source is brought to: what a layer, an archive and an unpacked folder can all say of it.
/// Several directory entries may name the same inode (hard links).
/// </summary>
public sealed class ImageInode
{
    /// <summary>Type.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>Permission, set-id and sticky bits: 0 to 0xFFF.</summary>
    public required ushort Permissions { get; set; }

    /// <summary>Owner.</summary>
    public required uint Uid { get; set; }

    /// <summary>Group.</summary>
    public required uint Gid { get; set; }

    /// <summary>Whole seconds since 1970; kept for regular files only, since sources disagree on all others.</summary>
    public long MtimeSeconds { get; init; }

    /// <summary>Bytes of a regular file.</summary>
    public ulong Size { get; init; }

    /// <summary>Content of a regular file that is not empty.</summary>
    public ContentOpener? Content { get; init; }

    /// <summary>Target of a symbolic link.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Major number of a device.</summary>
    public uint Major { get; init; }

    /// <summary>Minor number of a device.</summary>
    public uint Minor { get; init; }

    /// <summary>Kept extended attributes, see <see cref="XattrRules"/>; full name to value.</summary>
    public SortedDictionary<byte[], byte[]> Xattrs { get; } = new(ByteOrder.Instance);

    /// <summary>Entries of a directory, in byte order of their names.</summary>
    public SortedDictionary<byte[], ImageInode> Entries { get; } = new(ByteOrder.Instance);
}
