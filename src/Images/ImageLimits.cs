namespace Pavise.Images;

/// <summary>Bounds of what an image may contain; every source keeps to them.</summary>
public static class ImageLimits
{
    /// <summary>Files: metadata is held in memory, some 500 bytes each; the largest public images have about 500,000.</summary>
    public const int Inodes = 4_000_000;

    /// <summary>Bytes of a name: the kernel's limit (NAME_MAX).</summary>
    public const int NameBytes = 255;

    /// <summary>Depth of directories: PATH_MAX / 2.</summary>
    public const int Depth = 2048;

    /// <summary>Bytes of a link target: PATH_MAX less the terminator.</summary>
    public const int TargetBytes = 4095;

    /// <summary>Blocks of an image: EROFS numbers them with 32 bits.</summary>
    public const ulong Blocks = uint.MaxValue;

    /// <summary>Bytes of all extended attributes of one file: EROFS counts them in 4-byte units with 16 bits.</summary>
    public const int XattrBytes = 4 * 60_000;
}
