namespace Pavise.Images.Tar;

/// <summary>One file of a tar archive, its extended headers applied.</summary>
internal sealed record TarEntry
{
    /// <summary>Type flag of the header: '0' regular, '1' hard link, '2' symbolic link, '3' and '4' devices, '5' directory, '6' fifo.</summary>
    public required char Type { get; init; }

    /// <summary>Name as stored, raw bytes.</summary>
    public required byte[] Name { get; init; }

    /// <summary>Link target, raw bytes.</summary>
    public required byte[] Target { get; init; }

    public required ushort Mode { get; init; }

    public required uint Uid { get; init; }

    public required uint Gid { get; init; }

    public required long MtimeSeconds { get; init; }

    public required uint Major { get; init; }

    public required uint Minor { get; init; }

    /// <summary>Bytes of the file once unpacked.</summary>
    public required ulong Size { get; init; }

    /// <summary>Where its stored data begins in the archive.</summary>
    public required long DataOffset { get; init; }

    /// <summary>Pieces that are not holes: offset in the file, length; null when the stored data is the whole file.</summary>
    public IReadOnlyList<(ulong Offset, ulong Length)>? Sparse { get; init; }

    public required IReadOnlyList<(byte[] Name, byte[] Value)> Xattrs { get; init; }
}
