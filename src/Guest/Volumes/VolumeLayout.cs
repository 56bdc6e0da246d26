namespace Pavise.Guest.Volumes;

/// <summary>Where things are in a volume's image.</summary>
internal static class VolumeLayout
{
    /// <summary>Unit of everything: the file system's block, the encryption's sector, the header.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Copies of the header, written in turn: one that was torn by a kill leaves the other.</summary>
    public const int Headers = 2;

    /// <summary>Where the encrypted part begins: behind the headers, at a boundary that suits any disk.</summary>
    public const ulong DataOffset = 1024 * 1024;

    /// <summary>Bytes that the kernel counts as a sector.</summary>
    public const int SectorBytes = 512;

    /// <summary>Bytes of an image that the volume takes: whole blocks.</summary>
    public static ulong Usable(ulong sizeBytes) => sizeBytes & ~(ulong)(BlockBytes - 1);

    /// <summary>Sectors of the encrypted part.</summary>
    public static ulong DataSectors(ulong sizeBytes) => (Usable(sizeBytes) - DataOffset) / SectorBytes;
}
