namespace Pavise.Verity.Erofs;

/// <summary>One file of an EROFS image as the reader sees it (fs/erofs/erofs_fs.h, struct erofs_inode_extended).</summary>
/// <param name="Nid">Its place: equal numbers are one file (hard links).</param>
/// <param name="Mode">Type and permission bits, as S_IFMT and below.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="MtimeSeconds">Seconds since 1970.</param>
/// <param name="LinkCount">Names it has.</param>
/// <param name="Size">Bytes of content.</param>
/// <param name="Device">Encoded device number, of device nodes.</param>
public sealed record ErofsInode(ulong Nid, ushort Mode, uint Uid, uint Gid, long MtimeSeconds, uint LinkCount, ulong Size, uint Device)
{
    internal long DataOffset { get; init; }

    internal int InlineBytes { get; init; }

    internal long InlineOffset { get; init; }

    internal IReadOnlyList<(byte[] Name, byte[] Value)> RawXattrs { get; init; } = [];

    /// <summary>Extended attributes by their full names.</summary>
    public IReadOnlyList<(byte[] Name, byte[] Value)> Xattrs => RawXattrs;

    /// <summary>The file type, one of the S_IFMT values.</summary>
    public int Type => Mode & 0xF000;
}
