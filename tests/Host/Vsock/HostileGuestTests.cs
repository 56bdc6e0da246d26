using System.ComponentModel;
using System.Net.Sockets;
using CsCheck;
using Pavise.Host.Tests.Vsock.Guest;
using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock;

public sealed class HostileGuestTests
{
    private const ushort Next = 1, Write = 2, Indirect = 4;

    public static TheoryData<string, Delegate> BrokenRings => new()
    {
        { "outside guest memory", (FakeGuest g) => One(g, FakeGuest.Address(FakeGuest.MemoryBytes), 44, 0) },
        { "outside guest memory", (FakeGuest g) => One(g, FakeGuest.Address(FakeGuest.MemoryBytes) - 10, 44, 0) },
        { "outside guest memory", (FakeGuest g) => One(g, 0, 44, 0) },
        { "outside guest memory", (FakeGuest g) => One(g, ulong.MaxValue, 44, 0) },
        { "outside guest memory", (FakeGuest g) => One(g, ulong.MaxValue - 43, 44, 0) },
        { "more than", (FakeGuest g) => One(g, FakeGuest.Address(0), uint.MaxValue, 0) },
        { "indirect", (FakeGuest g) => One(g, FakeGuest.Address(0), 44, Indirect) },
        { "is writable", (FakeGuest g) => One(g, FakeGuest.Address(0), 44, Write) },
        { "no header", (FakeGuest g) => One(g, FakeGuest.Address(0), 43, 0) },
        { "no header", (FakeGuest g) => One(g, FakeGuest.Address(0), 0, 0) },
        { "outside a ring", (FakeGuest g) => One(g, FakeGuest.Address(0), 44, Next, next: FakeGuest.RingSize) },
        { "outside a ring", (FakeGuest g) => One(g, FakeGuest.Address(0), 44, Next, next: ushort.MaxValue) },
        { "circle", (FakeGuest g) => One(g, FakeGuest.Address(0), 44, Next, next: 0) },
        { "outside a ring", (FakeGuest g) => Offer(g, FakeGuest.RingSize) },
        { "chains are offered", (FakeGuest g) => { g.Transmit.SetAvailableIndex(FakeGuest.RingSize + 1); g.Kick(1); } },
        { "chains are offered", (FakeGuest g) => { g.Transmit.SetAvailableIndex(ushort.MaxValue); g.Kick(1); } },
        { "not writable", (FakeGuest g) => Answered(g, FakeGuest.Address(0x8000), 4096, 0) },
        { "no room", (FakeGuest g) => Answered(g, FakeGuest.Address(0x8000), 44, Write) },
        { "outside guest memory", (FakeGuest g) => Answered(g, FakeGuest.Address(FakeGuest.MemoryBytes), 4096, Write) },
    };

    [Theory]
    [MemberData(nameof(BrokenRings))]
    public async Task Broken_ring_ends_the_device_with_its_reason(string reason, Delegate act)
    {
        await using Link link = new(path => new FakeGuest(path, receiveBuffers: 0));
        await link.Device.Ready;
        ((Action<FakeGuest>)act)(link.Guest);
        VsockException ended = await Assert.ThrowsAsync<VsockException>(() => link.Device.Completion);
        Assert.Equal(VsockFailure.DeviceGone, ended.Failure);
        Assert.Contains(reason, ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buffer_outside_the_bounce_pool_ends_the_device()
    {
        await using Link link = new(path => new FakeGuest(path), (address, length) => address + length <= FakeGuest.Address(0x30_0000));
        link.Send(PacketOp.Request, 1, 9);
        await link.ExpectAsync(PacketOp.Rst);
        One(link.Guest, FakeGuest.Address(0x30_0000 - 10), 44, 0, head: 2);
        Assert.Contains("may be shared", (await Assert.ThrowsAsync<VsockException>(() => link.Device.Completion)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, object, int> BrokenPackets => new()
    {
        { "another type", Link.Header(PacketOp.Rw, 1024, 0, length: 1) with { Type = 2 }, 1 },
        { "longer than its chain", Link.Header(PacketOp.Rw, 1024, 0, length: 5), 4 },
        { "length of 4 GiB", Link.Header(PacketOp.Rw, 1024, 0, length: uint.MaxValue), 4 },
        { "longer than a packet", Link.Header(PacketOp.Rw, 1024, 0, length: (64 * 1024) + 1), (64 * 1024) + 1 },
        { "unknown operation", Link.Header((PacketOp)8, 1024, 0), 0 },
        { "operation zero", Link.Header(PacketOp.Invalid, 1024, 0), 0 },
        { "second request", Link.Header(PacketOp.Request, 1024, 0), 0 },
        { "second response", Link.Header(PacketOp.Response, 1024, 0), 0 },
    };

    [Theory]
    [MemberData(nameof(BrokenPackets))]
    public async Task Broken_packet_costs_its_connection_and_nothing_else(string what, object header, int payload)
    {
        await using Link link = Link.Open();
        (VsockStream other, uint otherPort) = await link.ConnectAsync(1023);
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        link.Guest.Send((PacketHeader)header with { DestinationPort = port }, new byte[payload]);
        Packet reset = await link.ExpectAsync(PacketOp.Rst);
        Assert.True(reset.Header.SourcePort == port, what);
        await Assert.ThrowsAsync<VsockException>(async () => await stream.ReadExactlyAsync(new byte[1], CancellationToken.None));
        link.Send(PacketOp.Rw, 1023, otherPort, payload: [1]);
        Assert.Equal(1, await other.ReadAsync(new byte[4], CancellationToken.None));
    }

    [Fact]
    public async Task Packets_of_unknown_connections_are_reset_and_those_for_other_machines_dropped()
    {
        await using Link link = Link.Open();
        link.Guest.Send(Link.Header(PacketOp.Request, 1, 9) with { SourceCid = 4 }, []);
        link.Guest.Send(Link.Header(PacketOp.Request, 2, 9) with { DestinationCid = 1 }, []);
        link.Send(PacketOp.Rst, 3, 9);
        link.Send(PacketOp.Rw, 4, 9, payload: [1]);
        Assert.Equal(4u, (await link.ExpectAsync(PacketOp.Rst)).Header.DestinationPort);
    }

    [Fact]
    public async Task Data_after_the_guest_s_own_end_is_reset()
    {
        await using Link link = Link.Open();
        (_, uint port) = await link.ConnectAsync(1024);
        link.Send(PacketOp.Shutdown, 1024, port, flags: PacketHeader.ShutdownSend);
        link.Send(PacketOp.Rw, 1024, port, payload: [1]);
        await link.ExpectAsync(PacketOp.Rst);
    }

    [Fact]
    public void Arbitrary_packets_never_end_the_device()
    {
        Gen<PacketHeader> headers = Gen.Select(Gen.UShort[0, 9], Gen.UInt[0, 3], Gen.UInt[0, 2], Gen.UInt[0, 70], Gen.UInt, Gen.UInt, Gen.UInt[0, 3])
            .Select((op, guestPort, hostPort, length, buffer, forwarded, flags) => Link.Header((PacketOp)op, guestPort, 0x4000_0000 + hostPort, flags, length, buffer, forwarded));
        headers.Array[1, 60].Sample(
            packets =>
            {
                ArbitraryAsync(packets).GetAwaiter().GetResult();
            },
            iter: 60);
    }

    [Fact]
    public void Arbitrary_ring_contents_end_the_device_with_a_reason_or_not_at_all()
    {
        Gen<(ushort Index, ulong Address, uint Length, ushort Flags, ushort Following)> descriptors = Gen.Select(
            Gen.UShort[0, 8],
            Gen.OneOf(Gen.ULong, Gen.ULong[DriverRing.GuestBase, DriverRing.GuestBase + FakeGuest.MemoryBytes]),
            Gen.OneOf(Gen.UInt, Gen.UInt[0, 200]),
            Gen.UShort[0, 7],
            Gen.UShort[0, 130]);
        Gen.Select(descriptors.Array[1, 12], Gen.UShort[0, 130].Array[1, 6]).Sample(
            (table, heads) =>
            {
                GarbageAsync(table, heads).GetAwaiter().GetResult();
            },
            iter: 100);
    }

    private static async Task ArbitraryAsync(PacketHeader[] packets)
    {
        await using Link link = Link.Open();
        link.Device.Accept(0x4000_0001, async (stream, cancellation) => await stream.CopyToAsync(stream, cancellation));
        Task<VsockStream> connecting = link.Device.ConnectAsync(1, CancellationToken.None);
        foreach (PacketHeader packet in packets)
        {
            link.Guest.Send(packet, new byte[70]);
        }

        // A packet that must be answered shows that the device lives.
        link.Send(PacketOp.Request, 77, 9);
        while ((await link.Guest.Received.ReadAsync()).Header is not { Op: PacketOp.Rst, DestinationPort: 77 })
        {
        }

        Assert.False(link.Device.Completion.IsCompleted);
        await link.Device.DisposeAsync();
        await Task.WhenAny(connecting);
    }

    private static async Task GarbageAsync((ushort Index, ulong Address, uint Length, ushort Flags, ushort Following)[] table, ushort[] heads)
    {
        await using Link link = new(path => new FakeGuest(path));
        await link.Device.Ready;
        foreach ((ushort index, ulong address, uint length, ushort flags, ushort following) in table)
        {
            link.Guest.Transmit.Describe(index, address, length, flags, following);
        }

        foreach (ushort head in heads)
        {
            link.Guest.Transmit.Offer(head);
        }

        link.Guest.Transmit.Announce();
        link.Guest.Kick(1);
        try
        {
            link.Guest.FrontEnd.Ask(FrontEnd.GetVringBase, FrontEnd.Words(0, 0)); // The answer shows that the kick was seen.
        }
        catch (Exception ended) when (ended is Win32Exception or SocketException or EndOfStreamException)
        {
            // The garbage ended the device.
        }

        link.Guest.FrontEnd.Dispose();
        await Task.WhenAny(link.Device.Completion);
        Assert.True(link.Device.Completion.Exception?.InnerException is null or VsockException { Failure: VsockFailure.DeviceGone });
    }

    /// <summary>Offers one descriptor on the ring from the guest.</summary>
    private static void One(FakeGuest guest, ulong address, uint length, ushort flags, ushort next = 0, ushort head = 0)
    {
        guest.Transmit.Describe(head, address, length, flags, next);
        Offer(guest, head);
    }

    private static void Offer(FakeGuest guest, ushort head)
    {
        guest.Transmit.Offer(head);
        guest.Transmit.Announce();
        guest.Kick(1);
    }

    /// <summary>Offers one receive buffer, then makes the device answer.</summary>
    private static void Answered(FakeGuest guest, ulong address, uint length, ushort flags)
    {
        guest.Receive.Describe(0, address, length, flags, 0);
        guest.Receive.Offer(0);
        guest.AnnounceBuffers();
        guest.Send(Link.Header(PacketOp.Request, 1, 9), []);
    }
}
