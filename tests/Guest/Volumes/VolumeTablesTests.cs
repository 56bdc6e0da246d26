using System.Text;
using Pavise.Guest.Volumes;

namespace Pavise.Guest.Tests.Volumes;

/// <summary>Lines as the kernel's documentation has them (admin-guide/device-mapper: linear, dm-integrity, dm-crypt).</summary>
public sealed class VolumeTablesTests
{
    [Fact]
    public void The_lines_are_those_of_the_kernels_targets()
    {
        Assert.Equal("8:16 2048", Text(VolumeTables.Linear("8:16")));
        Assert.Equal("/dev/dm-1 0 48 J 4 block_size:4096 fix_padding fix_hmac journal_mac:hmac(sha256):0102ff", Text(VolumeTables.Integrity("/dev/dm-1", [1, 2, 255])));
        Assert.Equal("capi:authenc(hmac(sha256),xts(aes))-random a0b1 0 /dev/dm-2 0 2 integrity:48:aead sector_size:4096", Text(VolumeTables.Crypt("/dev/dm-2", [0xa0, 0xb1])));
    }

    [Fact]
    public void The_size_is_the_second_word_of_the_status()
    {
        Assert.Equal(2048ul, VolumeTables.Provided("0 2048 -"));
        Assert.Throws<VolumeException>(() => VolumeTables.Provided("0"));
        Assert.Throws<VolumeException>(() => VolumeTables.Provided("0 -1 -"));
    }

    [Fact]
    public void Copies_of_the_superblock_are_where_sparse_super_has_them() =>
        Assert.Equal(new ulong[] { 1, 3, 5, 7, 9, 25, 27, 49, 81 }, Ext4.Copies(100).Order());

    [Theory]
    [InlineData(32ul << 20, 63488ul)]
    [InlineData((1ul << 30) + 4095, 2095104ul)]
    public void The_encrypted_part_is_what_is_left_of_whole_blocks_behind_the_headers(ulong bytes, ulong sectors) => Assert.Equal(sectors, VolumeLayout.DataSectors(bytes));

    private static string Text(byte[] line) => Encoding.ASCII.GetString(line);
}
