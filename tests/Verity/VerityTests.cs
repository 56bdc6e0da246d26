using System.Security.Cryptography;
using CsCheck;

namespace Pavise.Verity.Tests;

public sealed class VerityTests
{
    [Fact]
    public void Salt_differs_for_each_number_of_blocks() =>
        Assert.Equal(1000, Enumerable.Range(1, 1000).Select(n => Convert.ToHexString(VerityFormat.Salt((ulong)n))).Distinct().Count());

    [Theory]
    [InlineData(1, 0, 2)]
    [InlineData(2, 1, 4)]
    [InlineData(128, 1, 130)]
    [InlineData(129, 2, 133)]
    [InlineData(16384, 2, 16514)]
    [InlineData(16385, 3, 16518)]
    public void Geometry_has_the_levels_of_dm_verity(ulong dataBlocks, int levels, ulong total)
    {
        VerityGeometry geometry = new(dataBlocks);
        Assert.Equal((levels, total), (geometry.Levels, geometry.TotalBlocks));
        Assert.True(levels == 0 || geometry.LevelStart(levels - 1) == dataBlocks + 1);
    }

    [Fact]
    public void Root_hash_equals_a_tree_computed_level_by_level() =>
        Gen.Int[1, 300].Sample(blocks =>
        {
            byte[] data = Data(blocks);
            return VerityTree.Compute(new MemoryStream(data), (ulong)blocks).AsSpan().SequenceEqual(Naive(data, (ulong)blocks));
        }, iter: 40);

    [Fact]
    public void A_flipped_bit_anywhere_in_the_data_is_found() =>
        Gen.Select(Gen.Int[1, 140], Gen.Int[0, (4096 * 8) - 1], Gen.Double.Unit).Sample((blocks, bit, where) =>
        {
            byte[] data = Data(blocks);
            byte[] root = VerityTree.Compute(new MemoryStream(data), (ulong)blocks);
            Assert.True(VerityCheck.Verify(new MemoryStream(data), root, (ulong)blocks));
            data[((int)(where * (blocks - 1)) * 4096) + (bit / 8)] ^= (byte)(1 << (bit % 8));
            return !VerityCheck.Verify(new MemoryStream(data), root, (ulong)blocks);
        }, iter: 60);

    [Fact]
    public void A_wrong_number_of_blocks_is_found_even_where_the_bytes_are_the_same()
    {
        byte[] data = Data(64);
        byte[] root = VerityTree.Compute(new MemoryStream(data), 64);
        Assert.False(VerityCheck.Verify(new MemoryStream(data), root, 63));
        Assert.False(VerityCheck.Verify(new MemoryStream(data), root, 65));
        Assert.False(VerityCheck.Verify(new MemoryStream(data), root, 0));
        Assert.False(VerityCheck.Verify(new MemoryStream(data), root, ulong.MaxValue));
    }

    private static byte[] Data(int blocks)
    {
        byte[] data = new byte[blocks * 4096];
        new Random(blocks).NextBytes(data);
        return data;
    }

    /// <summary>The oracle: whole levels at a time, in memory.</summary>
    private static byte[] Naive(byte[] data, ulong blocks)
    {
        byte[] salt = VerityFormat.Salt(blocks);
        byte[] level = data;
        while (true)
        {
            byte[][] hashes = [.. level.Chunk(4096).Select(b => SHA256.HashData([.. salt, .. b]))];
            if (hashes.Length == 1)
            {
                return hashes[0];
            }

            byte[] next = new byte[(hashes.Length + 127) / 128 * 4096];
            for (int i = 0; i < hashes.Length; i++)
            {
                hashes[i].CopyTo(next, (i / 128 * 4096) + (i % 128 * 32));
            }

            level = next;
        }
    }
}
