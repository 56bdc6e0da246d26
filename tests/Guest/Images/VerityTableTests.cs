using Pavise.Guest.Images;
using Pavise.Policy;
using Pavise.Policy.Plans;
using Pavise.Verity;

namespace Pavise.Guest.Tests.Images;

public sealed class VerityTableTests
{
    private static readonly RootHash Root = RootHash.FromBytes([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    [Fact]
    public void The_table_has_the_fields_of_the_kernels_documentation_in_their_order()
    {
        string[] fields = VerityImages.Table("8:0", new AttachImagePlan(5, Root, 480)).Split(' ');
        string[] expected = ["1", "8:0", "8:0", "4096", "4096", "480", "481", "sha256", Root.Hex, Convert.ToHexStringLower(VerityFormat.Salt(480))];
        Assert.Equal(expected, fields);
    }

    [Fact]
    public void The_policys_hash_and_not_the_hosts_slot_decides_what_is_opened() =>
        Assert.Equal(VerityImages.Table("8:0", new AttachImagePlan(1, Root, 480)), VerityImages.Table("8:0", new AttachImagePlan(2, Root, 480)));

    [Fact]
    public void Another_number_of_blocks_has_another_salt() =>
        Assert.NotEqual(Salt(480), Salt(481));

    [Fact]
    public void A_number_of_blocks_whose_tree_would_lie_beyond_the_end_of_numbers_is_no_table() =>
        Assert.Throws<OverflowException>(() => VerityImages.Table("8:0", new AttachImagePlan(0, Root, ulong.MaxValue)));

    private static string Salt(ulong blocks) => VerityImages.Table("8:0", new AttachImagePlan(0, Root, blocks)).Split(' ')[9];
}
