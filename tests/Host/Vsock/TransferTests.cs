using System.Net.Sockets;
using Pavise.Host.Tests.Vsock.Guest;
using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock;

public sealed class TransferTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_transfer_in_both_directions_keeps_every_byte_within_both_credits(bool eventIndex)
    {
        await using Link link = Link.Open(eventIndex);
        EchoGuest guest = new(link);
        await using VsockStream stream = await link.Device.ConnectAsync(1024, None);
        byte[] sent = Random(8 * 1024 * 1024, 1);
        byte[] received = new byte[sent.Length];
        Task writing = WriteAllAsync(stream, sent);
        await stream.ReadExactlyAsync(received, None);
        await writing;
        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.Equal(0, await stream.ReadAsync(new byte[1], None));
        Assert.Null(guest.Error);
    }

    [Fact]
    public async Task A_thousand_connections_at_once_get_their_own_bytes()
    {
        await using Link link = Link.Open();
        EchoGuest guest = new(link);
        VsockStream[] streams = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => link.Device.ConnectAsync(1024, None)));
        await Task.WhenAll(streams.Select(async (stream, i) =>
        {
            byte[] sent = Random(3000 + i, i);
            byte[] received = new byte[sent.Length];
            Task writing = WriteAllAsync(stream, sent);
            await stream.ReadExactlyAsync(received, None);
            await writing;
            Assert.True(sent.AsSpan().SequenceEqual(received));
            await stream.DisposeAsync();
        }));
        Assert.Null(guest.Error);
    }

    [Fact]
    public async Task Relay_carries_bytes_and_half_close_between_a_unix_socket_and_the_guest()
    {
        await using Link link = Link.Open();
        EchoGuest guest = new(link);
        using CancellationTokenSource stop = new();
        string path = link.InFolder("guest-1024.sock");
        Task relaying = link.Device.RelayAsync(1024, path, stop.Token);
        byte[] sent = Random(2 * 1024 * 1024, 3);
        byte[] received = new byte[sent.Length];
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await using NetworkStream stream = new(socket);
            Task writing = Task.Run(async () =>
            {
                await stream.WriteAsync(sent);
                socket.Shutdown(SocketShutdown.Send);
            });
            await stream.ReadExactlyAsync(received);
            Assert.Equal(0, await stream.ReadAsync(new byte[1]));
            await writing;
        }

        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.Null(guest.Error);
        stop.Cancel();
        await relaying;
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Relay_closes_what_the_guest_refuses()
    {
        await using Link link = Link.Open();
        string path = link.InFolder("guest-1024.sock");
        _ = link.Device.RelayAsync(1024, path, None);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        Packet request = await link.ExpectAsync(PacketOp.Request);
        link.Send(PacketOp.Rst, 1024, request.Header.SourcePort);
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]));
    }

    [Fact]
    public async Task Writer_waits_when_the_guest_s_credit_is_used_up_and_goes_on_when_it_returns()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024, buffer: 10_000);
        Task writing = stream.WriteAsync(new byte[15_000], None).AsTask();
        int received = 0;
        while (await link.Guest.Received.ReadAsync() is { Header.Op: not PacketOp.CreditRequest } packet)
        {
            received += packet.Payload.Length;
        }

        Assert.Equal(10_000, received);
        Assert.False(writing.IsCompleted);
        link.Send(PacketOp.CreditUpdate, 1024, port, buffer: 10_000, forwarded: 5_000);
        await writing;
        while (received < 15_000)
        {
            received += (await link.ExpectAsync(PacketOp.Rw)).Payload.Length;
        }
    }

    [Fact]
    public async Task Guest_learns_that_its_bytes_were_taken_before_its_credit_ends()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        byte[] payload = new byte[64 * 1024];
        for (int i = 0; i < 4; i++)
        {
            link.Send(PacketOp.Rw, 1024, port, payload: payload);
        }

        await stream.ReadExactlyAsync(payload, None);
        Assert.Equal(64u * 1024, (await link.ExpectAsync(PacketOp.CreditUpdate)).Header.ForwardCount);
    }

    [Fact]
    public async Task Guest_that_sends_more_than_its_credit_loses_the_connection_only()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        for (int i = 0; i < 4; i++)
        {
            link.Send(PacketOp.Rw, 1024, port, payload: new byte[64 * 1024]);
        }

        link.Send(PacketOp.Rw, 1024, port, payload: [1]);
        await link.ExpectAsync(PacketOp.Rst);
        await stream.ReadExactlyAsync(new byte[256 * 1024], None);
        await Assert.ThrowsAsync<VsockException>(async () => await stream.ReadExactlyAsync(new byte[1], None));
        await link.ConnectAsync(1025);
    }

    [Fact]
    public async Task Guest_that_offers_no_buffers_stops_being_read_and_gets_every_answer_later()
    {
        const int Requests = 6000;
        await using Link link = new(path => new FakeGuest(path, receiveBuffers: 0));
        Task flood = Task.Run(() =>
        {
            for (uint i = 0; i < Requests; i++)
            {
                link.Send(PacketOp.Request, i, 9);
            }
        });
        Assert.NotSame(flood, await Task.WhenAny(flood, Task.Delay(300)));
        for (ushort i = 0; i < 64; i++)
        {
            link.Guest.PostBuffer(i);
        }

        link.Guest.AnnounceBuffers();
        for (uint i = 0; i < Requests; i++)
        {
            Assert.Equal(i, (await link.ExpectAsync(PacketOp.Rst)).Header.DestinationPort);
        }

        await flood;
    }

    private static byte[] Random(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task WriteAllAsync(VsockStream stream, byte[] bytes)
    {
        await Task.Yield();
        await stream.WriteAsync(bytes, None);
        stream.CloseWrite();
    }
}
