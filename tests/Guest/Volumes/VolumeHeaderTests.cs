using CsCheck;
using Pavise.Guest.Volumes;

namespace Pavise.Guest.Tests.Volumes;

/// <summary>A header opens only as it was written, where it was written, under its own key, for its own volume.</summary>
public sealed class VolumeHeaderTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static readonly Gen<VolumeHeader> Headers =
        from sequence in Gen.ULong[1, ulong.MaxValue]
        from generation in Gen.Long
        from before in Gen.Long
        from size in Gen.ULong
        from state in Gen.Int[1, 3].Select(i => (VolumeState)i)
        from salt in Gen.Byte.Array[16]
        select new VolumeHeader(sequence, generation, before, size, state, salt);

    [Fact]
    public void What_was_sealed_opens_as_it_was() => (from header in Headers from copy in Gen.Int[0, 1] select (header, copy)).Sample(c =>
    {
        using VolumeKeys keys = Keys();
        VolumeHeader opened = VolumeHeaderFormat.Open(VolumeHeaderFormat.Seal(c.header, c.copy, keys), c.copy, keys)!;
        Assert.Equal(c.header.Salt, opened.Salt);
        Assert.Equal(c.header with { Salt = [] }, opened with { Salt = [] });
    });

    [Fact]
    public void A_changed_bit_anywhere_in_the_block_opens_nothing() => (from header in Headers from bit in Gen.Int[0, (4096 * 8) - 1] select (header, bit)).Sample(c =>
    {
        using VolumeKeys keys = Keys();
        byte[] block = VolumeHeaderFormat.Seal(c.header, 0, keys);
        block[c.bit / 8] ^= (byte)(1 << (c.bit % 8));
        Assert.Null(VolumeHeaderFormat.Open(block, 0, keys));
    });

    [Fact]
    public void Bytes_of_the_host_open_nothing_and_harm_nothing() => Gen.Byte.Array[0, 5000].Sample(bytes =>
    {
        using VolumeKeys keys = Keys();
        Assert.Null(VolumeHeaderFormat.Open(bytes, 0, keys));
        byte[] named = new byte[4096];
        "pavisev1"u8.CopyTo(named);
        bytes.AsSpan(0, Math.Min(bytes.Length, 100)).CopyTo(named.AsSpan(8));
        Assert.Null(VolumeHeaderFormat.Open(named, 0, keys));
    });

    [Theory]
    [InlineData("other", "data")]
    [InlineData("shop", "other")]
    [InlineData("shop\0data", "")]
    public void It_is_of_one_policy_and_one_volume(string policy, string volume)
    {
        using VolumeKeys keys = Keys(), others = new(Secret, policy, volume);
        Assert.Null(VolumeHeaderFormat.Open(VolumeHeaderFormat.Seal(Header(1), 0, keys), 0, others));
    }

    [Fact]
    public void Another_secret_or_the_other_place_opens_nothing()
    {
        using VolumeKeys keys = Keys(), others = new([.. Secret.Reverse()], "shop", "data");
        byte[] block = VolumeHeaderFormat.Seal(Header(1), 0, keys);
        Assert.Null(VolumeHeaderFormat.Open(block, 0, others));
        Assert.Null(VolumeHeaderFormat.Open(block, 1, keys));
    }

    [Fact]
    public void The_newest_copy_counts_and_a_torn_one_leaves_the_other()
    {
        using VolumeKeys keys = Keys();
        byte[] area = new byte[2 * 4096];
        Assert.True(VolumeHeaderFormat.IsEmpty(area));
        Assert.Null(VolumeHeaderFormat.Newest(area, keys));
        VolumeHeaderFormat.Seal(Header(4), 0, keys).CopyTo(area, 0);
        VolumeHeaderFormat.Seal(Header(5), 1, keys).CopyTo(area, 4096);
        Assert.Equal(5ul, VolumeHeaderFormat.Newest(area, keys)!.Sequence);
        area.AsSpan(4096 + 30, 64).Clear();
        Assert.Equal(4ul, VolumeHeaderFormat.Newest(area, keys)!.Sequence);
    }

    [Fact]
    public void A_key_too_short_is_refused_with_what_to_do()
    {
        VolumeException refused = Assert.Throws<VolumeException>(() => new VolumeKeys(new byte[31], "shop", "data"));
        Assert.Contains("--random 32", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_purpose_and_each_formatting_has_keys_of_its_own()
    {
        using VolumeKeys keys = Keys();
        byte[] one = new byte[16], two = [.. Enumerable.Repeat((byte)1, 16)];
        byte[][] all = [keys.Header, keys.Data(one), keys.Data(two), keys.Journal(one), keys.Journal(two)];
        Assert.Equal(all.Length, all.Select(k => Convert.ToHexString(k.AsSpan(0, 32))).Distinct().Count());
        Assert.Equal(96, keys.Data(one).Length);
    }

    private static VolumeKeys Keys() => new(Secret, "shop", "data");

    private static VolumeHeader Header(ulong sequence) => new(sequence, 1, 0, 1 << 30, VolumeState.Open, new byte[16]);
}
