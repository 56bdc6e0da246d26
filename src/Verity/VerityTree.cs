using System.Security.Cryptography;

namespace Pavise.Verity;

/// <summary>Takes a finished hash block.</summary>
/// <param name="block">Its place in the image file, in blocks.</param>
/// <param name="content">4096 bytes, valid during the call.</param>
public delegate void HashBlockWriter(ulong block, ReadOnlySpan<byte> content);

/// <summary>Computes a hash tree in one pass over the data, in memory that does not depend on its size.</summary>
public sealed class VerityTree
{
    private const int ChunkBlocks = 512;

    private readonly VerityGeometry geometry;
    private readonly byte[] salt;
    private readonly HashBlockWriter? write;
    private readonly byte[][] pending;
    private readonly int[] filled;
    private readonly ulong[] written;
    private byte[] root = [];

    private VerityTree(VerityGeometry geometry, HashBlockWriter? write)
    {
        this.geometry = geometry;
        this.write = write;
        salt = VerityFormat.Salt(geometry.DataBlocks);
        pending = [.. Enumerable.Range(0, geometry.Levels).Select(_ => new byte[VerityFormat.BlockBytes])];
        filled = new int[geometry.Levels];
        written = new ulong[geometry.Levels];
    }

    /// <summary>Reads the data blocks and returns the root hash.</summary>
    /// <param name="data">Positioned at the first data block.</param>
    /// <param name="dataBlocks">How many.</param>
    /// <param name="write">Gets each hash block once, in no particular order; null when only the root is wanted.</param>
    /// <exception cref="EndOfStreamException">The data is shorter.</exception>
    public static byte[] Compute(Stream data, ulong dataBlocks, HashBlockWriter? write = null)
    {
        VerityTree tree = new(new VerityGeometry(dataBlocks), write);
        byte[] chunk = new byte[ChunkBlocks * VerityFormat.BlockBytes];
        byte[] hashes = new byte[ChunkBlocks * VerityFormat.HashBytes];
        for (ulong done = 0; done < dataBlocks;)
        {
            int blocks = (int)Math.Min(ChunkBlocks, dataBlocks - done);
            data.ReadExactly(chunk, 0, blocks * VerityFormat.BlockBytes);
            tree.HashChunk(chunk, hashes, blocks);
            for (int i = 0; i < blocks; i++)
            {
                tree.Add(0, hashes.AsSpan(i * VerityFormat.HashBytes, VerityFormat.HashBytes));
            }

            done += (ulong)blocks;
        }

        return tree.Finish();
    }

    /// <summary>SHA-256 over salt and one block.</summary>
    public static void HashBlock(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> block, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[VerityFormat.HashBytes + VerityFormat.BlockBytes];
        salt.CopyTo(input);
        block.CopyTo(input[VerityFormat.HashBytes..]);
        SHA256.HashData(input, hash);
    }

    private void HashChunk(byte[] chunk, byte[] hashes, int blocks)
    {
        // Two halves suit the smallest machines; the hashing is far slower than the hand-over.
        int half = (blocks + 1) / 2;
        Parallel.For(0, 2, part =>
        {
            for (int i = part * half; i < Math.Min(blocks, (part + 1) * half); i++)
            {
                HashBlock(salt, chunk.AsSpan(i * VerityFormat.BlockBytes, VerityFormat.BlockBytes), hashes.AsSpan(i * VerityFormat.HashBytes));
            }
        });
    }

    private void Add(int level, ReadOnlySpan<byte> hash)
    {
        if (level == geometry.Levels)
        {
            root = hash[..VerityFormat.HashBytes].ToArray();
            return;
        }

        hash.CopyTo(pending[level].AsSpan(filled[level]++ * VerityFormat.HashBytes));
        if (filled[level] == VerityGeometry.HashesPerBlock)
        {
            Flush(level);
        }
    }

    private void Flush(int level)
    {
        byte[] block = pending[level];
        write?.Invoke(geometry.LevelStart(level) + written[level]++, block);
        Span<byte> hash = stackalloc byte[VerityFormat.HashBytes];
        HashBlock(salt, block, hash);
        Array.Clear(block);
        filled[level] = 0;
        Add(level + 1, hash);
    }

    private byte[] Finish()
    {
        for (int level = 0; level < geometry.Levels; level++)
        {
            if (filled[level] > 0)
            {
                Flush(level);
            }
        }

        return root;
    }
}
