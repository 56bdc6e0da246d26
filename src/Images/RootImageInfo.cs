using System.Buffers.Binary;
using Pavise.Images.Erofs;
using Pavise.Verity;

namespace Pavise.Images;

/// <summary>What one needs to know of a root image to open it.</summary>
/// <param name="RootHashHex">Verity root hash, 64 lower-case hexadecimal digits.</param>
/// <param name="DataBlocks">Blocks of the file system.</param>
/// <param name="FileBytes">Bytes of the file, tree included.</param>
public sealed record RootImageInfo(string RootHashHex, ulong DataBlocks, long FileBytes)
{
    /// <summary>
    /// Reads them from a built file without checking its content: the block count from the file system's superblock, the root hash from the
    /// tree's top block. Whoever opens the image checks.
    /// </summary>
    /// <exception cref="ImageFormatException">The file is no root image.</exception>
    public static RootImageInfo Read(string imagePath)
    {
        using FileStream file = File.OpenRead(imagePath);
        byte[] head = new byte[ErofsFormat.SuperblockOffset + ErofsFormat.SuperblockBytes];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) != head.Length || BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(ErofsFormat.SuperblockOffset)) != ErofsFormat.Magic)
        {
            throw new ImageFormatException($"{imagePath} holds no EROFS file system");
        }

        ulong blocks = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(ErofsFormat.SuperblockOffset + 36));
        if (blocks == 0 || (ulong)file.Length != new VerityGeometry(blocks).TotalBlocks * VerityFormat.BlockBytes)
        {
            throw new ImageFormatException($"{imagePath} is not {blocks} blocks of data with their hash tree");
        }

        VerityGeometry geometry = new(blocks);
        byte[] top = new byte[VerityFormat.BlockBytes];
        file.Position = geometry.Levels == 0 ? 0 : checked((long)geometry.LevelStart(geometry.Levels - 1) * VerityFormat.BlockBytes);
        file.ReadExactly(top);
        byte[] root = new byte[VerityFormat.HashBytes];
        VerityTree.HashBlock(VerityFormat.Salt(blocks), top, root);
        return new RootImageInfo(Convert.ToHexStringLower(root), blocks, file.Length);
    }
}
