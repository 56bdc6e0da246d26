using System.Buffers.Binary;

namespace Pavise.Verity.Erofs;

/// <summary>
/// Reads root images: uncompressed EROFS with extended inodes, plain or inline content, as the builder writes them. Everything else is refused.
/// Every offset and length is checked against the image, and directories against cycles by the caller's walk, which is bounded.
/// </summary>
public sealed class ErofsReader
{
    private const int BlockBytes = 4096, SuperblockOffset = 1024, SuperblockBytes = 128, InodeBytes = 64, SlotBytes = 32, DirentBytes = 12, XattrHeaderBytes = 12;
    private const uint Magic = 0xE0F5E1E2;
    private const ulong MostDirectoryBytes = 1UL << 30;

    private static readonly string[] Prefixes = ["", "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", "", "security."];

    private readonly Stream image;
    private readonly long bytes;
    private readonly ulong rootNid;

    /// <summary>Opens an image.</summary>
    /// <param name="image">Seekable; not closed by the reader.</param>
    /// <exception cref="ErofsFormatException">It is no such image.</exception>
    public ErofsReader(Stream image)
    {
        this.image = image;
        byte[] s = new byte[SuperblockBytes];
        bytes = image.Length;
        ReadAt(SuperblockOffset, s);
        uint blocks = BinaryPrimitives.ReadUInt32LittleEndian(s.AsSpan(36));
        bool fits = BinaryPrimitives.ReadUInt32LittleEndian(s) == Magic
            && s[12] == 12
            && BinaryPrimitives.ReadUInt32LittleEndian(s.AsSpan(80)) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(s.AsSpan(40)) == 0
            && blocks > 0
            && (long)blocks * BlockBytes <= image.Length;
        if (!fits)
        {
            throw new ErofsFormatException("not an EROFS image with 4096-byte blocks and without optional features");
        }

        bytes = (long)blocks * BlockBytes;
        rootNid = BinaryPrimitives.ReadUInt16LittleEndian(s.AsSpan(14));
    }

    /// <summary>The root directory.</summary>
    public ErofsInode Root => Inode(rootNid);

    /// <summary>Entries of a directory, without <c>.</c> and <c>..</c>, in the order of their names.</summary>
    /// <exception cref="ErofsFormatException">The directory is malformed.</exception>
    public IEnumerable<(byte[] Name, ErofsInode Inode)> Entries(ErofsInode directory)
    {
        if (directory.Type != 0x4000 || directory.Size > MostDirectoryBytes)
        {
            throw new ErofsFormatException("not a directory, or a larger one than any");
        }

        byte[] previous = [];
        using Stream content = Open(directory);
        byte[] block = new byte[BlockBytes];
        while (content.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false) is var length and > 0)
        {
            foreach ((byte[] name, ulong nid) in Block(block.AsSpan(0, length).ToArray()))
            {
                if (previous.AsSpan().SequenceCompareTo(name) >= 0)
                {
                    throw new ErofsFormatException("names of a directory are not in order");
                }

                previous = name;
                if (!name.AsSpan().SequenceEqual("."u8) && !name.AsSpan().SequenceEqual(".."u8))
                {
                    yield return (name, Inode(nid));
                }
            }
        }
    }

    /// <summary>Content of a file, a link's target, or a directory's blocks.</summary>
    public Stream Open(ErofsInode inode) => new ErofsContent(this, inode);

    internal void ReadAt(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > bytes - buffer.Length)
        {
            throw new ErofsFormatException("a structure lies outside the image");
        }

        image.Position = offset;
        image.ReadExactly(buffer);
    }

    private static List<(byte[] Name, ulong Nid)> Block(byte[] block)
    {
        List<(byte[], ulong)> entries = [];
        int first = block.Length >= DirentBytes ? BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(8)) : 0;
        int count = first / DirentBytes;
        if (count == 0 || first % DirentBytes != 0 || first > block.Length)
        {
            throw new ErofsFormatException("a directory block is malformed");
        }

        for (int i = 0; i < count; i++)
        {
            int start = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan((i * DirentBytes) + 8));
            int end = i + 1 < count ? BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(((i + 1) * DirentBytes) + 8)) : block.Length;
            if (start < first || end <= start || end > block.Length)
            {
                throw new ErofsFormatException("a name lies outside its directory block");
            }

            ReadOnlySpan<byte> name = block.AsSpan(start, end - start);
            int zero = i + 1 < count ? -1 : name.IndexOf((byte)0);
            name = zero >= 0 ? name[..zero] : name;
            if (name.IsEmpty || name.Length > 255 || name.Contains((byte)0) || name.Contains((byte)'/'))
            {
                throw new ErofsFormatException("a directory holds a name that no file can have");
            }

            entries.Add((name.ToArray(), BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(i * DirentBytes))));
        }

        return entries;
    }

    private ErofsInode Inode(ulong nid)
    {
        if (nid > (ulong)bytes / SlotBytes)
        {
            throw new ErofsFormatException("an inode lies outside the image");
        }

        long offset = (long)nid * SlotBytes;
        byte[] b = new byte[InodeBytes];
        ReadAt(offset, b);
        ushort format = BinaryPrimitives.ReadUInt16LittleEndian(b);
        int layout = format >> 1;
        if ((format & 1) == 0 || layout is not (0 or 2))
        {
            throw new ErofsFormatException("an inode is not extended, or its content neither plain nor inline");
        }

        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(2));
        int xattrBytes = count == 0 ? 0 : XattrHeaderBytes + ((count - 1) * 4);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(b.AsSpan(8));
        uint u = BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(16));
        ErofsInode inode = new(nid, BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(4)), BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(24)), BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(28)),
            BinaryPrimitives.ReadInt64LittleEndian(b.AsSpan(32)), BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(44)), size, u)
        {
            DataOffset = (long)u * BlockBytes,
            InlineBytes = layout == 2 ? (int)(size % BlockBytes) : 0,
            InlineOffset = offset + InodeBytes + xattrBytes,
            RawXattrs = Xattrs(offset + InodeBytes, xattrBytes),
        };
        bool hasContent = inode.Type is 0x8000 or 0x4000 or 0xA000;
        return hasContent && size > (ulong)bytes ? throw new ErofsFormatException("a file is larger than its image") : inode;
    }

    private List<(byte[] Name, byte[] Value)> Xattrs(long offset, int length)
    {
        List<(byte[], byte[])> result = [];
        if (length == 0)
        {
            return result;
        }

        byte[] body = new byte[length];
        ReadAt(offset, body);
        for (int at = XattrHeaderBytes; at < length;)
        {
            int nameLength = body[at], index = length - at >= 4 ? body[at + 1] : Prefixes.Length;
            int valueLength = length - at >= 4 ? BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at + 2)) : 0;
            if (index >= Prefixes.Length || at + 4 + nameLength + valueLength > length)
            {
                throw new ErofsFormatException("an extended attribute is malformed");
            }

            result.Add(([.. System.Text.Encoding.ASCII.GetBytes(Prefixes[index]), .. body.AsSpan(at + 4, nameLength)], body.AsSpan(at + 4 + nameLength, valueLength).ToArray()));
            at += (4 + nameLength + valueLength + 3) & ~3;
        }

        return result;
    }
}
