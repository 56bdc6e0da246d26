using Pavise.Images.Erofs;
using Pavise.Verity;

namespace Pavise.Images;

/// <summary>Builds root images: EROFS, verity superblock, hash tree, in one file.</summary>
public static class RootImageBuilder
{
    /// <summary>Builds an image. The file appears under its name only when it is complete.</summary>
    /// <param name="source">Where the files come from.</param>
    /// <param name="outputPath">File to make or replace.</param>
    /// <param name="cancellation">Ends the work; nothing is left behind.</param>
    /// <exception cref="ImageFormatException">The source is malformed or beyond the limits.</exception>
    public static Task<RootImageInfo> BuildAsync(ImageSource source, string outputPath, CancellationToken cancellation) => Task.Run(() => Build(source.ReadTree(cancellation), outputPath, cancellation), cancellation);

    /// <summary>The same from a tree that was read already; its source must still be open.</summary>
    public static Task<RootImageInfo> BuildAsync(ImageInode tree, string outputPath, CancellationToken cancellation) => Task.Run(() => Build(tree, outputPath, cancellation), cancellation);

    private static RootImageInfo Build(ImageInode tree, string outputPath, CancellationToken cancellation)
    {
        string temporary = $"{outputPath}.{Guid.NewGuid():N}.tmp";
        try
        {
            RootImageInfo info;
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                ulong blocks = ErofsWriter.Write(Normal(tree), file, cancellation);
                info = AppendTree(file, blocks);
            }

            File.Move(temporary, outputPath, overwrite: true);
            return info;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The root directory's own metadata is what an engine's unpacking made of it, so it is the same for every image.</summary>
    private static ImageInode Normal(ImageInode root)
    {
        (root.Permissions, root.Uid, root.Gid) = (0x1ED, 0, 0);
        root.Xattrs.Clear();
        return root;
    }

    private static RootImageInfo AppendTree(FileStream file, ulong blocks)
    {
        VerityGeometry geometry = new(blocks);
        file.Position = checked((long)blocks * VerityFormat.BlockBytes);
        file.Write(VeritySuperblock.Encode(blocks));
        file.SetLength(checked((long)geometry.TotalBlocks * VerityFormat.BlockBytes));
        file.Position = 0;
        byte[] root = VerityTree.Compute(file, blocks, (block, content) => RandomAccess.Write(file.SafeFileHandle, content, (long)block * VerityFormat.BlockBytes));
        return new RootImageInfo(Convert.ToHexStringLower(root), blocks, file.Length);
    }
}
