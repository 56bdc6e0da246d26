using System.Buffers.Binary;

namespace Pavise.Images.Erofs;

/// <summary>
/// A directory's content: blocks of entries {nid u64, name offset u16, type u8, reserved u8} followed by the names, in byte order over the
/// whole directory, <c>.</c> and <c>..</c> among them.
/// </summary>
internal static class DirectoryBlocks
{
    /// <summary>Bytes of the whole content: full blocks, and the used part of the last.</summary>
    public static int Measure(IReadOnlyList<(byte[] Name, PlacedInode Inode)> entries)
    {
        int total = 0, used = 0;
        foreach ((byte[] name, _) in entries)
        {
            int more = ErofsFormat.DirentBytes + name.Length;
            if (used + more > ErofsFormat.BlockBytes)
            {
                total += ErofsFormat.BlockBytes;
                used = 0;
            }

            used += more;
        }

        return total + used;
    }

    /// <summary>The content; unused space behind a block's names is zero.</summary>
    public static byte[] Encode(IReadOnlyList<(byte[] Name, PlacedInode Inode)> entries, int bytes)
    {
        byte[] content = new byte[bytes];
        int first = 0, start = 0;
        while (first < entries.Count)
        {
            int count = 0, used = 0;
            while (first + count < entries.Count && used + ErofsFormat.DirentBytes + entries[first + count].Name.Length <= ErofsFormat.BlockBytes)
            {
                used += ErofsFormat.DirentBytes + entries[first + count++].Name.Length;
            }

            int nameAt = count * ErofsFormat.DirentBytes;
            for (int i = 0; i < count; i++)
            {
                (byte[] name, PlacedInode inode) = entries[first + i];
                Span<byte> dirent = content.AsSpan(start + (i * ErofsFormat.DirentBytes));
                BinaryPrimitives.WriteUInt64LittleEndian(dirent, inode.Nid);
                BinaryPrimitives.WriteUInt16LittleEndian(dirent[8..], (ushort)nameAt);
                dirent[10] = (byte)inode.Inode.Kind;
                name.CopyTo(content, start + nameAt);
                nameAt += name.Length;
            }

            first += count;
            start += ErofsFormat.BlockBytes;
        }

        return content;
    }
}
