namespace Pavise.Images.Tar;

/// <summary>
/// Reads the entries of a tar archive (ustar, pax, GNU) from a seekable stream, names and attributes as raw bytes. The data stays where it is:
/// entries carry its offset.
/// </summary>
internal sealed class TarReader(Stream archive)
{
    private readonly byte[] header = new byte[TarFields.BlockBytes];
    private PaxRecords global = new();
    private int blocksOfZeros;

    /// <summary>The next entry, or null at the end. The end is two blocks of zeros, or the stream's end.</summary>
    /// <exception cref="ImageFormatException">The archive is malformed.</exception>
    public TarEntry? Next()
    {
        PaxRecords records = global.Clone();
        byte[]? longName = null, longTarget = null;
        while (true)
        {
            if (!ReadHeader())
            {
                return null;
            }

            char type = header[156] == 0 ? '0' : (char)header[156];
            long size = TarFields.Number(header, 124, 12, "a size");
            if (size is < 0 or > TarLimits.FileBytes)
            {
                throw new ImageFormatException($"tar: a size of {size} bytes is out of range");
            }

            switch (type)
            {
                case 'x':
                    records.Add(ReadData(size));
                    break;
                case 'g':
                    global = new PaxRecords();
                    global.Add(ReadData(size));
                    records = global.Clone();
                    break;
                case 'L':
                    longName = TrimZeros(ReadData(size));
                    break;
                case 'K':
                    longTarget = TrimZeros(ReadData(size));
                    break;
                default:
                    return Entry(type, size, records, longName, longTarget);
            }
        }
    }

    private TarEntry Entry(char type, long headerSize, PaxRecords records, byte[]? longName, byte[]? longTarget)
    {
        ulong stored = (ulong)(records.Number("size") is { } paxSize ? paxSize is >= 0 and <= TarLimits.FileBytes ? paxSize : throw new ImageFormatException("tar: a size is out of range") : headerSize);
        ulong size = stored;
        IReadOnlyList<(ulong, ulong)>? sparse = null;
        byte[]? sparseName = records.Bytes("GNU.sparse.name");
        long mapBytes = 0;
        if (type == 'S')
        {
            size = Unsigned(TarFields.Number(header, 483, 12, "a real size"));
            byte[] first = [.. header];
            sparse = SparseMap.FromGnu(first, ReadBlock);
            type = '0';
        }
        else if (records.Bytes("GNU.sparse.map") is { } map)
        {
            size = Unsigned(records.Number("GNU.sparse.size") ?? throw new ImageFormatException("tar: a sparse file has no size"));
            sparse = SparseMap.FromText(map);
        }
        else if (records.Number("GNU.sparse.major") == 1)
        {
            size = Unsigned(records.Number("GNU.sparse.realsize") ?? throw new ImageFormatException("tar: a sparse file has no size"));
            (sparse, mapBytes) = SparseMap.FromData(ReadBlock);
        }

        bool hasData = type is '0' or '7';
        long dataOffset = archive.Position;
        ulong inArchive = hasData ? stored - Math.Min(stored, (ulong)mapBytes) : 0;
        if (sparse is not null && (size > TarLimits.FileBytes || SparseMap.Check(sparse, size) > inArchive))
        {
            throw new ImageFormatException("tar: a sparse file stores less than its map says");
        }

        Skip(checked((long)inArchive));
        return new TarEntry
        {
            Type = type == '7' ? '0' : type,
            Name = sparseName ?? records.Bytes("path") ?? longName ?? HeaderName(),
            Target = records.Bytes("linkpath") ?? longTarget ?? TarFields.Text(header, 157, 100),
            Mode = (ushort)(TarFields.Number(header, 100, 8, "a mode") & 0xFFF),
            Uid = Id(records.Number("uid") ?? TarFields.Number(header, 108, 8, "an owner")),
            Gid = Id(records.Number("gid") ?? TarFields.Number(header, 116, 8, "a group")),
            MtimeSeconds = records.Number("mtime") ?? TarFields.Number(header, 136, 12, "a time"),
            Major = type is '3' or '4' ? Id(TarFields.Number(header, 329, 8, "a device number")) : 0,
            Minor = type is '3' or '4' ? Id(TarFields.Number(header, 337, 8, "a device number")) : 0,
            Size = hasData ? size : 0,
            DataOffset = dataOffset,
            Sparse = sparse,
            Xattrs = records.Xattrs(),
        };
    }

    private byte[] HeaderName()
    {
        byte[] name = TarFields.Text(header, 0, 100);
        bool ustar = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        byte[] prefix = ustar ? TarFields.Text(header, 345, 155) : [];
        return prefix.Length > 0 ? [.. prefix, (byte)'/', .. name] : name;
    }

    private bool ReadHeader()
    {
        while (true)
        {
            int length = archive.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            if (length == 0 || blocksOfZeros == 2)
            {
                return false;
            }

            if (length < header.Length)
            {
                throw new ImageFormatException("tar: the archive ends inside a header");
            }

            if (header.AsSpan().ContainsAnyExcept((byte)0))
            {
                blocksOfZeros = 0;
                TarFields.VerifyChecksum(header);
                return true;
            }

            if (++blocksOfZeros == 2)
            {
                return false;
            }
        }
    }

    private byte[] ReadData(long size)
    {
        if (size > TarLimits.ExtendedBytes)
        {
            throw new ImageFormatException($"tar: an extended header has {size} bytes, at most {TarLimits.ExtendedBytes} are accepted");
        }

        byte[] data = new byte[size];
        if (archive.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) != data.Length)
        {
            throw new ImageFormatException("tar: the archive ends inside an extended header");
        }

        long rest = (TarFields.BlockBytes - (size % TarFields.BlockBytes)) % TarFields.BlockBytes;
        archive.Position += rest;
        return data;
    }

    private byte[] ReadBlock()
    {
        byte[] block = new byte[TarFields.BlockBytes];
        return archive.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) == block.Length ? block : throw new ImageFormatException("tar: the archive ends inside a sparse map");
    }

    private void Skip(long bytes)
    {
        if (bytes > archive.Length - archive.Position)
        {
            throw new ImageFormatException("tar: the archive ends inside a file");
        }

        archive.Position = Math.Min(archive.Length, archive.Position + ((bytes + TarFields.BlockBytes - 1) / TarFields.BlockBytes * TarFields.BlockBytes));
    }

    private static byte[] TrimZeros(byte[] text) => text.AsSpan().IndexOf((byte)0) is var end and >= 0 ? text[..end] : text;

    private static uint Id(long number) => number is >= 0 and <= uint.MaxValue ? (uint)number : throw new ImageFormatException("tar: an id or device number is out of range");

    private static ulong Unsigned(long number) => number >= 0 ? (ulong)number : throw new ImageFormatException("tar: a size is negative");
}
