using System.Buffers.Binary;
using CsCheck;
using Pavise.Host.Tests.Vsock.Guest;
using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock;

public sealed class BouncePoolTests
{
    private const ulong Start = 0x1000_0000, Length = 0x200_0000;

    [Fact]
    public void A_buffer_is_allowed_exactly_when_it_lies_in_the_pool() =>
        Gen.Select(Gen.OneOf(Gen.ULong, Gen.ULong[Start - 100, Start + 100], Gen.ULong[Start + Length - 100, Start + Length + 100]), Gen.OneOf(Gen.UInt, Gen.UInt[0, 200])).Sample((address, length) =>
        {
            BouncePool pool = new();
            pool.Confine(Start, Length);
            Assert.Equal((UInt128)address >= Start && (UInt128)address + length <= Start + Length, pool.Allows(address, length));
        });

    [Theory]
    [InlineData(Start - 1, 1)]
    [InlineData(Start + Length, 1)]
    [InlineData(Start + Length - 1, 2)]
    [InlineData(0, 44)]
    public void A_buffer_that_was_used_before_the_pool_was_known_is_judged_then(ulong address, uint length)
    {
        BouncePool pool = new();
        Assert.True(pool.Allows(Start, 4096));
        Assert.True(pool.Allows(address, length));
        Assert.Contains("outside its bounce pool", Assert.Throws<HostException>(() => pool.Confine(Start, Length)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Buffers_that_lay_in_the_pool_before_it_was_known_are_no_obstacle()
    {
        BouncePool pool = new();
        Assert.True(pool.Allows(Start, 1));
        Assert.True(pool.Allows(Start + Length - 64, 64));
        pool.Confine(Start, Length);
        Assert.False(pool.Allows(Start - 1, 1));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(Start, 0)]
    [InlineData(ulong.MaxValue, 2)]
    public void A_guest_that_names_no_pool_is_not_started(ulong start, ulong length) =>
        Assert.Contains("does not tell", Assert.Throws<HostException>(() => new BouncePool().Confine(start, length)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("quiet swiotlb=16384,force iommu=soft", true)]
    [InlineData("swiotlb=force", true)]
    [InlineData("swiotlb=16384", false)]
    [InlineData("quiet force", false)]
    public void The_command_line_says_whether_everything_is_copied_through_the_pool(string line, bool forced) => Assert.Equal(forced, BouncePool.IsForcedBy(line));

    [Fact]
    public async Task The_recorder_has_every_packet_of_both_directions()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("pv-record-").FullName, "record");
        using (PacketRecorder recorder = new(file))
        {
            await using Link link = new(path => new FakeGuest(path), recorder: recorder);
            (VsockStream stream, uint port) = await link.ConnectAsync(7);
            await stream.WriteAsync("to the guest"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.Equal("to the guest"u8.ToArray(), (await link.ExpectAsync(PacketOp.Rw)).Payload);
            link.Send(PacketOp.Rw, 7, port, payload: "from the guest"u8.ToArray());
            await stream.ReadExactlyAsync(new byte["from the guest".Length], TestContext.Current.CancellationToken);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        List<(PacketOp Op, ulong To, string Payload)> seen = [];
        for (ReadOnlyMemory<byte> rest = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken); rest.Length > 0;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
            PacketHeader header = PacketHeader.Decode(rest.Span[4..]);
            seen.Add((header.Op, header.DestinationCid, System.Text.Encoding.ASCII.GetString(rest.Span[(4 + PacketHeader.Bytes)..(4 + length)])));
            rest = rest[(4 + length)..];
        }

        Assert.Contains((PacketOp.Request, FakeGuest.Cid, ""), seen);
        Assert.Contains((PacketOp.Rw, FakeGuest.Cid, "to the guest"), seen);
        Assert.Contains((PacketOp.Rw, Link.HostCid, "from the guest"), seen);
    }
}
