using System.Net.Sockets;
using Pavise.Guest.Transport;

namespace Pavise.Guest.Tests.Transport;

public sealed class VsockStreamTests
{
    [Fact]
    public async Task Bytes_cross_both_ways_and_the_end_is_seen()
    {
        (Socket near, Socket far) = await PairAsync();
        using VsockStream a = new(near);
        byte[] sent = new byte[300_000];
        Random.Shared.NextBytes(sent);
        byte[] got = new byte[sent.Length];
        using (VsockStream b = new(far))
        {
            Task writing = a.WriteAsync(sent).AsTask();
            await b.ReadExactlyAsync(got);
            await writing;
            Assert.Equal(sent, got);
            await b.WriteAsync(sent.AsMemory(0, 3));
        }

        await a.ReadExactlyAsync(got.AsMemory(0, 3));
        Assert.Equal(0, await a.ReadAsync(got));
    }

    [Fact]
    public async Task A_broken_connection_is_an_IO_error_and_nothing_else()
    {
        (Socket near, Socket far) = await PairAsync();
        using VsockStream stream = new(near);
        far.Dispose();
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await stream.WriteAsync(new byte[65536]);
            }
        });
    }

    private static async Task<(Socket, Socket)> PairAsync()
    {
        string path = Path.Combine(Path.GetTempPath(), $"pv-{Guid.NewGuid():N}");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        Socket near = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await near.ConnectAsync(new UnixDomainSocketEndPoint(path));
        Socket far = await listener.AcceptAsync();
        File.Delete(path);
        return (near, far);
    }
}
