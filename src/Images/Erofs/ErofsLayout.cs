namespace Pavise.Images.Erofs;

/// <summary>Gives every inode its place: metadata from the image's start, breadth first from the root; then the blocks of content in the same order.</summary>
internal sealed class ErofsLayout
{
    private readonly Dictionary<ImageInode, PlacedInode> placed = [];

    public ErofsLayout(ImageInode root)
    {
        if (root.Kind != FileKind.Directory)
        {
            throw new ImageFormatException("the root of an image is a directory");
        }

        Collect(root);
        long end = PlaceMetadata();
        ulong block = (ulong)(end + ErofsFormat.BlockBytes - 1) / ErofsFormat.BlockBytes;
        MetadataBlocks = block;
        foreach (PlacedInode inode in Inodes)
        {
            if (inode.Blocks > 0)
            {
                inode.FirstBlock = checked((uint)block);
                block += inode.Blocks;
                if (block > ImageLimits.Blocks)
                {
                    throw new ImageFormatException($"the image is larger than {ImageLimits.Blocks} blocks of {ErofsFormat.BlockBytes} bytes");
                }
            }
        }

        TotalBlocks = block;
    }

    /// <summary>All inodes in order of placement, the root first.</summary>
    public List<PlacedInode> Inodes { get; } = [];

    /// <summary>Blocks before the first content block.</summary>
    public ulong MetadataBlocks { get; }

    /// <summary>Blocks of the image.</summary>
    public ulong TotalBlocks { get; }

    private void Collect(ImageInode root)
    {
        Queue<(PlacedInode Directory, PlacedInode Parent)> queue = new();
        PlacedInode placedRoot = Place(root);
        queue.Enqueue((placedRoot, placedRoot));
        while (queue.TryDequeue(out (PlacedInode Directory, PlacedInode Parent) next))
        {
            (PlacedInode directory, PlacedInode parent) = next;
            directory.LinkCount = 2;
            List<(byte[] Name, PlacedInode Inode)> entries = [(".."u8.ToArray(), parent), ("."u8.ToArray(), directory)];
            foreach ((byte[] name, ImageInode child) in directory.Inode.Entries)
            {
                bool known = placed.TryGetValue(child, out PlacedInode? inode);
                inode ??= Place(child);
                entries.Add((name, inode));
                if (child.Kind != FileKind.Directory)
                {
                    inode.LinkCount++;
                }
                else if (known)
                {
                    throw new ImageFormatException("a directory is entered twice");
                }
                else
                {
                    directory.LinkCount++;
                    queue.Enqueue((inode, directory));
                }
            }

            entries.Sort((a, b) => ByteOrder.Instance.Compare(a.Name, b.Name));
            directory.Entries = entries;
            directory.Size = (ulong)DirectoryBlocks.Measure(entries);
        }
    }

    private PlacedInode Place(ImageInode inode)
    {
        PlacedInode result = new(inode, (uint)Inodes.Count + 1)
        {
            Size = inode.Kind == FileKind.SymbolicLink ? (ulong)inode.Target.Length : inode.Size,
            Xattrs = XattrBody.Encode(inode.Xattrs),
        };
        placed.Add(inode, result);
        Inodes.Add(result);
        return result;
    }

    private long PlaceMetadata()
    {
        long position = ErofsFormat.SuperblockOffset + ErofsFormat.SuperblockBytes;
        foreach (PlacedInode inode in Inodes)
        {
            int head = ErofsFormat.InodeBytes + inode.Xattrs.Length;
            int tail = inode.Inode.Kind == FileKind.Regular
                ? (inode.Size <= ErofsFormat.InlineFileBytes ? (int)inode.Size : 0)
                : (int)(inode.Size % ErofsFormat.BlockBytes);
            inode.InlineBytes = head + tail <= ErofsFormat.BlockBytes ? tail : 0;
            int whole = head + inode.InlineBytes;

            // Neither an inode with its attributes nor its inline content may cross a block; what is larger than a block begins one.
            long inBlock = position % ErofsFormat.BlockBytes;
            if (inBlock != 0 && inBlock + whole > ErofsFormat.BlockBytes)
            {
                position += ErofsFormat.BlockBytes - inBlock;
            }

            inode.Offset = position;
            position = (position + whole + ErofsFormat.SlotBytes - 1) / ErofsFormat.SlotBytes * ErofsFormat.SlotBytes;
        }

        return position;
    }
}
