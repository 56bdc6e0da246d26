namespace Pavise.Images.Tar;

/// <summary>Bounds of tar archives.</summary>
internal static class TarLimits
{
    /// <summary>Bytes of one extended header: names, links and attributes of one file (each at most 64 KiB) with room.</summary>
    public const int ExtendedBytes = 1 << 20;

    /// <summary>Pieces of a sparse file: above, it is an attack rather than a file.</summary>
    public const int SparsePieces = 1 << 20;

    /// <summary>Bytes of one file, and of a layer unpacked: what EROFS can address (2^32 blocks).</summary>
    public const long FileBytes = (long)uint.MaxValue * 4096;
}
