using CsCheck;
using Pavise.Guest.Boot;

namespace Pavise.Guest.Tests.Boot;

public sealed class BouncePoolTests
{
    [Fact]
    public void The_kernels_log_tells_where_the_pool_lies() => Assert.Equal(
        (0x1d400000UL, 0x2000000UL),
        BouncePool.Find("<6>[    0.165807] software IO TLB: area num 1.\n<6>[    1.374427] software IO TLB: mapped [mem 0x000000001d400000-0x000000001f400000] (32MB)\n<6>[ 2.0] x"));

    [Theory]
    [InlineData("")]
    [InlineData("software IO TLB: mapped [mem 0x")]
    [InlineData("software IO TLB: mapped [mem 0x1000-0x1000] (0MB)")]
    [InlineData("software IO TLB: mapped [mem 0x2000-0x1000] (0MB)")]
    [InlineData("software IO TLB: mapped [mem 0xzz-0x1000] (0MB)")]
    [InlineData("software IO TLB: mapped [mem 0x]1000-0x2000")]
    public void Without_such_a_line_there_is_none(string log) => Assert.Equal((0UL, 0UL), BouncePool.Find(log));

    [Fact]
    public void Arbitrary_text_behind_the_words_breaks_nothing() => Gen.String.Sample(text => _ = BouncePool.Find($"software IO TLB: mapped [mem 0x{text}"));
}
