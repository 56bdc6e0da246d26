using Pavise.Host.Tests.Vsock.Guest;
using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock;

public sealed class VhostUserTests
{
    [Fact]
    public async Task Configuration_space_is_the_guest_s_context_id()
    {
        await using Link link = Link.Open();
        byte[] reply = link.Guest.FrontEnd.Ask(FrontEnd.GetConfig, [.. FrontEnd.Words(0, 8, 0), .. new byte[8]]);
        Assert.Equal([.. FrontEnd.Words(0, 8, 0), 3, 0, 0, 0, 0, 0, 0, 0], reply);
        Assert.Empty(link.Guest.FrontEnd.Ask(FrontEnd.GetConfig, [.. FrontEnd.Words(4, 8, 0), .. new byte[8]]));
        Assert.Empty(link.Guest.FrontEnd.Ask(FrontEnd.GetConfig, [.. FrontEnd.Words(uint.MaxValue, 8, 0), .. new byte[8]]));
    }

    [Fact]
    public async Task Only_these_features_are_offered()
    {
        await using Link link = Link.Open();
        Assert.Equal(FrontEnd.EventIndex | FrontEnd.Protocol | FrontEnd.Version1, link.Guest.FrontEnd.AskNumber(FrontEnd.GetFeatures));
        Assert.Equal((1UL << 3) | (1UL << 9), link.Guest.FrontEnd.AskNumber(FrontEnd.GetProtocolFeatures));
    }

    public static TheoryData<string, Delegate> BrokenMessages => new()
    {
        { "was not offered", (FrontEnd f) => f.Send(6, FrontEnd.Longs(0)) },
        { "was not offered", (FrontEnd f) => f.Send(999, []) },
        { "were not offered", (FrontEnd f) => f.Send(FrontEnd.SetFeatures, FrontEnd.Longs(1UL << 28)) },
        { "were not offered", (FrontEnd f) => f.Send(FrontEnd.SetProtocolFeatures, FrontEnd.Longs(ulong.MaxValue)) },
        { "too short", (FrontEnd f) => f.Send(FrontEnd.SetFeatures, []) },
        { "malformed message header", (FrontEnd f) => f.SendRaw(FrontEnd.SetOwner, 2, 0, []) },
        { "malformed message header", (FrontEnd f) => f.SendRaw(FrontEnd.SetOwner, 5, 0, []) },
        { "malformed message header", (FrontEnd f) => f.SendRaw(FrontEnd.SetOwner, 1, 513, []) },
        { "memory table", (FrontEnd f) => f.Send(FrontEnd.SetMemTable, FrontEnd.Words(1, 0)) },
        { "memory table", (FrontEnd f) => f.Send(FrontEnd.SetMemTable, FrontEnd.Words(uint.MaxValue, 0)) },
        { "does not exist", (FrontEnd f) => f.Send(FrontEnd.SetVringNum, FrontEnd.Words(2, 128)) },
        { "does not exist", (FrontEnd f) => f.Send(FrontEnd.GetVringBase, FrontEnd.Words(uint.MaxValue, 0)) },
        { "without its descriptor", (FrontEnd f) => f.Send(FrontEnd.SetVringKick, FrontEnd.Longs(0)) },
        { "polling", (FrontEnd f) => f.Send(FrontEnd.SetVringKick, FrontEnd.Longs(0x100)) },
        { "while the ring runs", (FrontEnd f) => f.Send(FrontEnd.SetVringNum, FrontEnd.Words(0, 64)) },
        { "sealed", (FrontEnd f) => SendMemory(f, sealShrink: false, 0, 4096, 0) },
        { "whole pages", (FrontEnd f) => SendMemory(f, sealShrink: true, 0, 4096 * 5, 0) },
        { "whole pages", (FrontEnd f) => SendMemory(f, sealShrink: true, 0, 4096, 1) },
        { "whole pages", (FrontEnd f) => SendMemory(f, sealShrink: true, 0, ulong.MaxValue, 4096) },
        { "outside guest memory", (FrontEnd f) => SendMemory(f, sealShrink: true, 0, 4096, 0) },
    };

    [Theory]
    [MemberData(nameof(BrokenMessages))]
    public async Task Broken_message_ends_the_device_with_its_reason(string reason, Delegate act)
    {
        await using Link link = Link.Open();
        await link.Device.Ready;
        ((Action<FrontEnd>)act)(link.Guest.FrontEnd);
        Assert.Contains(reason, (await Assert.ThrowsAsync<VsockException>(() => link.Device.Completion)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("power of two", 100u, 0ul)]
    [InlineData("power of two", 0x8000_0000u, 0ul)]
    [InlineData("aligned", 128u, 8ul)]
    [InlineData("outside guest memory", 128u, 0x7000_0000ul)]
    public async Task Ring_in_an_impossible_place_ends_the_device(string reason, uint size, ulong shift)
    {
        await using Link link = Link.Open();
        await link.Device.Ready;
        FrontEnd front = link.Guest.FrontEnd;
        DriverRing ring = link.Guest.Transmit;
        front.Ask(FrontEnd.GetVringBase, FrontEnd.Words(1, 0));
        front.Send(FrontEnd.SetVringNum, FrontEnd.Words(1, size));
        front.Send(FrontEnd.SetVringAddr, [.. FrontEnd.Words(1, 0), .. FrontEnd.Longs(ring.DescriptorsAddress + shift, ring.UsedAddress + shift, ring.AvailableAddress + shift, 0)]);
        using Interop.EventDescriptor kick = Interop.EventDescriptor.Create();
        front.Send(FrontEnd.SetVringKick, FrontEnd.Longs(1), kick.Handle);
        Assert.Contains(reason, (await Assert.ThrowsAsync<VsockException>(() => link.Device.Completion)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_memory_table_leaves_connections_alone()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        for (byte i = 0; i < 10; i++)
        {
            link.Guest.SetMemory();
            link.Send(PacketOp.Rw, 1024, port, payload: [i]);
            Assert.Equal(1, await stream.ReadAsync(new byte[4], CancellationToken.None));
            await stream.WriteAsync(new[] { i }, CancellationToken.None);
            Assert.Equal([i], (await link.ExpectAsync(PacketOp.Rw)).Payload);
        }
    }

    [Fact]
    public async Task Stopped_ring_ends_the_connections_and_goes_on_where_it_was()
    {
        await using Link link = Link.Open();
        (VsockStream stream, _) = await link.ConnectAsync(1024);
        byte[] reply = link.Guest.FrontEnd.Ask(FrontEnd.GetVringBase, FrontEnd.Words(1, 0));
        Assert.Equal(FrontEnd.Words(1, 1), reply); // One packet came: the response.
        Assert.Equal(VsockFailure.DeviceGone, (await Assert.ThrowsAsync<VsockException>(async () => await stream.ReadExactlyAsync(new byte[1], CancellationToken.None))).Failure);
        link.Guest.StartRing(1, link.Guest.Transmit, first: 1);
        await link.ConnectAsync(1024);
    }

    private static void SendMemory(FrontEnd front, bool sealShrink, ulong guest, ulong size, ulong offset)
    {
        using SealedMemory memory = new(4 * 4096, sealShrink);
        front.Send(FrontEnd.SetMemTable, [.. FrontEnd.Words(1, 0), .. FrontEnd.Longs(guest, size, 0x1000, offset)], memory.File);
    }
}
