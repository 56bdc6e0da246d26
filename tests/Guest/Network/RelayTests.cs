using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Pavise.Boundary.Relay;
using Pavise.Guest.Network;

namespace Pavise.Guest.Tests.Network;

/// <summary>The relay between real sockets of this kernel.</summary>
public sealed class RelayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(8 * 1024 * 1024)]
    public async Task Bytes_arrive_as_they_were_sent_and_each_half_ends_by_itself(int length)
    {
        using RelayLoop loop = new(new RelayKernel());
        (Socket near, Task<bool> relayed, Socket far) = await RelayedAsync(loop);
        using (near)
        using (far)
        {
            byte[] there = RandomNumberGenerator.GetBytes(length);
            Task<byte[]> read = ReadAsync(far);
            await SendAsync(near, there);
            near.Shutdown(SocketShutdown.Send);
            Assert.Equal(there, await read);

            // The other half still works.
            await SendAsync(far, there);
            far.Shutdown(SocketShutdown.Send);
            Assert.Equal(there, await ReadAsync(near));
            Assert.True(await relayed);
        }
    }

    [Fact]
    public async Task A_reset_on_one_side_is_a_reset_on_the_other()
    {
        using RelayLoop loop = new(new RelayKernel());
        (Socket near, Task<bool> relayed, Socket far) = await RelayedAsync(loop);
        using (far)
        {
            await SendAsync(near, new byte[1]);
            await far.ReceiveAsync(new byte[1]);
            near.LingerState = new LingerOption(enable: true, 0);
            near.Dispose();
            Assert.False(await relayed);
            await Assert.ThrowsAsync<SocketException>(async () => await far.ReceiveAsync(new byte[1]));
        }
    }

    [Fact]
    public async Task A_reader_that_does_not_read_slows_the_writer_and_loses_nothing()
    {
        using RelayLoop loop = new(new RelayKernel());
        (Socket near, Task<bool> relayed, Socket far) = await RelayedAsync(loop);
        using (near)
        using (far)
        {
            byte[] bytes = RandomNumberGenerator.GetBytes(32 * 1024 * 1024);
            Task sending = SendAsync(near, bytes);
            Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(300)));
            Task<byte[]> read = ReadAsync(far);
            await sending;
            near.Shutdown(SocketShutdown.Send);
            Assert.Equal(bytes, await read);
            far.Shutdown(SocketShutdown.Send);
            Assert.True(await relayed);
        }
    }

    [Fact]
    public async Task Many_connections_at_once_keep_their_bytes_apart()
    {
        using RelayLoop loop = new(new RelayKernel());
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            (Socket near, Task<bool> relayed, Socket far) = await RelayedAsync(loop);
            using (near)
            using (far)
            {
                byte[] bytes = RandomNumberGenerator.GetBytes(1000 * (i + 1));
                Task<byte[]> read = ReadAsync(far);
                await SendAsync(near, bytes);
                near.Shutdown(SocketShutdown.Send);
                Assert.Equal(bytes, await read);
                far.Shutdown(SocketShutdown.Send);
                Assert.True(await relayed);
            }
        }));
    }

    private static async Task<(Socket Near, Task<bool> Relayed, Socket Far)> RelayedAsync(RelayLoop loop)
    {
        (Socket near, Socket first) = await PairAsync();
        (Socket second, Socket far) = await PairAsync();
        PodSocket.Prepare(first);
        PodSocket.Prepare(second);
        return (near, loop.RunAsync(PodSocket.ForRelay(first), PodSocket.ForRelay(second)), far);
    }

    private static async Task<(Socket Client, Socket Server)> PairAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        return (client, await listener.AcceptAsync());
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    private static async Task<byte[]> ReadAsync(Socket socket)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        int got;
        while ((got = await socket.ReceiveAsync(buffer)) > 0)
        {
            all.Write(buffer, 0, got);
        }

        return all.ToArray();
    }
}
