using System.Buffers.Binary;

namespace Pavise.Images.Erofs;

/// <summary>Writes an image from a tree. The same tree gives the same bytes.</summary>
internal static class ErofsWriter
{
    private const int CopyBytes = 1 << 20;

    /// <summary>Writes the image to an empty, seekable stream; blocks of zeros become holes.</summary>
    /// <returns>Number of blocks.</returns>
    /// <exception cref="ImageFormatException">The tree does not fit the format, or a file changed its size meanwhile.</exception>
    public static ulong Write(ImageInode root, Stream output, CancellationToken cancellation)
    {
        ErofsLayout layout = new(root);
        output.SetLength(checked((long)layout.TotalBlocks * ErofsFormat.BlockBytes));
        WriteMetadata(layout, output, cancellation);
        byte[] buffer = new byte[CopyBytes];
        foreach (PlacedInode inode in layout.Inodes)
        {
            cancellation.ThrowIfCancellationRequested();
            if (inode.Blocks == 0)
            {
                continue;
            }

            output.Position = (long)inode.FirstBlock * ErofsFormat.BlockBytes;
            if (inode.Inode.Kind == FileKind.Regular)
            {
                CopyContent(inode, output, buffer, cancellation);
            }
            else
            {
                byte[] content = Content(inode);
                output.Write(content, 0, (int)Math.Min((ulong)content.Length, inode.Blocks * ErofsFormat.BlockBytes));
            }
        }

        return layout.TotalBlocks;
    }

    private static void WriteMetadata(ErofsLayout layout, Stream output, CancellationToken cancellation)
    {
        output.Position = ErofsFormat.SuperblockOffset;
        output.Write(Superblock(layout));
        using BufferedStream buffered = new(new Unclosed(output), 1 << 16);
        foreach (PlacedInode inode in layout.Inodes)
        {
            cancellation.ThrowIfCancellationRequested();
            long gap = inode.Offset - buffered.Position;
            buffered.Write(new byte[gap]);
            buffered.Write(InodeBytes(inode));
            buffered.Write(inode.Xattrs);
            if (inode.InlineBytes > 0)
            {
                byte[] content = inode.Inode.Kind == FileKind.Regular ? ReadSmall(inode) : Content(inode);
                buffered.Write(content, content.Length - inode.InlineBytes, inode.InlineBytes);
            }
        }

        buffered.Flush();
    }

    private static byte[] Content(PlacedInode inode) => inode.Inode.Kind == FileKind.Directory ? DirectoryBlocks.Encode(inode.Entries, (int)inode.Size) : inode.Inode.Target;

    private static byte[] ReadSmall(PlacedInode inode)
    {
        using Stream content = inode.Inode.Content!();
        byte[] bytes = new byte[inode.InlineBytes];
        content.ReadExactly(bytes);
        return content.ReadByte() < 0 ? bytes : throw Changed();
    }

    private static void CopyContent(PlacedInode inode, Stream output, byte[] buffer, CancellationToken cancellation)
    {
        using Stream content = inode.Inode.Content!();
        ulong left = inode.Size;
        while (left > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            int wanted = (int)Math.Min((ulong)buffer.Length, left);
            if (content.ReadAtLeast(buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false) != wanted)
            {
                throw Changed();
            }

            if (buffer.AsSpan(0, wanted).ContainsAnyExcept((byte)0))
            {
                output.Write(buffer, 0, wanted);
            }
            else
            {
                output.Position += wanted;
            }

            left -= (ulong)wanted;
        }

        if (content.ReadByte() >= 0)
        {
            throw Changed();
        }
    }

    private static ImageFormatException Changed() => new("a file changed its size while the image was being built; build again from a source that is at rest");

    private static byte[] Superblock(ErofsLayout layout)
    {
        // struct erofs_super_block: no checksum, no optional feature; the UUID and times are zero, so that equal trees are equal images.
        byte[] s = new byte[ErofsFormat.SuperblockBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(s, ErofsFormat.Magic);
        s[12] = ErofsFormat.BlockBits;
        BinaryPrimitives.WriteUInt16LittleEndian(s.AsSpan(14), checked((ushort)layout.Inodes[0].Nid));
        BinaryPrimitives.WriteUInt64LittleEndian(s.AsSpan(16), (ulong)layout.Inodes.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(s.AsSpan(36), checked((uint)layout.TotalBlocks));
        return s;
    }

    private static byte[] InodeBytes(PlacedInode inode)
    {
        // struct erofs_inode_extended.
        ImageInode file = inode.Inode;
        byte[] b = new byte[ErofsFormat.InodeBytes];
        ushort layout = inode.InlineBytes > 0 ? ErofsFormat.LayoutInline : ErofsFormat.LayoutPlain;
        BinaryPrimitives.WriteUInt16LittleEndian(b, (ushort)(ErofsFormat.VersionExtended | (layout << ErofsFormat.LayoutShift)));
        BinaryPrimitives.WriteUInt16LittleEndian(b.AsSpan(2), XattrBody.Count(inode.Xattrs.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(b.AsSpan(4), (ushort)(TypeBits(file.Kind) | file.Permissions));
        BinaryPrimitives.WriteUInt64LittleEndian(b.AsSpan(8), inode.Size);
        BinaryPrimitives.WriteUInt32LittleEndian(b.AsSpan(16), file.Kind is FileKind.CharacterDevice or FileKind.BlockDevice ? Device(file) : inode.FirstBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(b.AsSpan(20), inode.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(b.AsSpan(24), file.Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(b.AsSpan(28), file.Gid);
        BinaryPrimitives.WriteInt64LittleEndian(b.AsSpan(32), file.Kind == FileKind.Regular ? file.MtimeSeconds : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(b.AsSpan(44), inode.LinkCount);
        return b;
    }

    private static int TypeBits(FileKind kind) => kind switch
    {
        FileKind.Regular => 0x8000,
        FileKind.Directory => 0x4000,
        FileKind.CharacterDevice => 0x2000,
        FileKind.BlockDevice => 0x6000,
        FileKind.Fifo => 0x1000,
        _ => 0xA000,
    };

    /// <summary>new_encode_dev of linux/kdev_t.h.</summary>
    private static uint Device(ImageInode file) => (file.Minor & 0xff) | (file.Major << 8) | ((file.Minor & ~0xffu) << 12);
}
