namespace Pavise.Verity;

/// <summary>
/// Where the hash blocks of a tree lie, counted in blocks of the image file. As dm-verity has it, the top level comes first and the
/// level over the data last; each hash block holds 128 hashes.
/// </summary>
public sealed class VerityGeometry
{
    /// <summary>Hashes in one hash block.</summary>
    public const int HashesPerBlock = VerityFormat.BlockBytes / VerityFormat.HashBytes;

    /// <summary>Largest image: 2^40 blocks (4 PiB), far above any real one, and small enough that no product below overflows.</summary>
    public const ulong MaximumDataBlocks = 1UL << 40;

    private readonly ulong[] levelStart;
    private readonly ulong[] levelBlocks;

    /// <summary>Geometry for a number of data blocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, or above <see cref="MaximumDataBlocks"/>.</exception>
    public VerityGeometry(ulong dataBlocks)
    {
        ArgumentOutOfRangeException.ThrowIfZero(dataBlocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dataBlocks, MaximumDataBlocks);
        DataBlocks = dataBlocks;
        List<ulong> blocks = [];
        for (ulong below = dataBlocks; below > 1;)
        {
            below = (below + HashesPerBlock - 1) / HashesPerBlock;
            blocks.Add(below);
        }

        levelBlocks = [.. blocks];
        levelStart = new ulong[levelBlocks.Length];
        ulong position = dataBlocks + 1;
        for (int level = levelBlocks.Length - 1; level >= 0; level--)
        {
            levelStart[level] = position;
            position += levelBlocks[level];
        }

        TotalBlocks = position;
    }

    /// <summary>Data blocks; the superblock is the block after them.</summary>
    public ulong DataBlocks { get; }

    /// <summary>Levels of hash blocks; 0 when a single data block is its own root.</summary>
    public int Levels => levelBlocks.Length;

    /// <summary>Blocks of the whole image file: data, superblock, tree.</summary>
    public ulong TotalBlocks { get; }

    /// <summary>First block of a level; level 0 holds the hashes of the data.</summary>
    public ulong LevelStart(int level) => levelStart[level];

    /// <summary>Number of hash blocks of a level.</summary>
    public ulong LevelBlocks(int level) => levelBlocks[level];
}
