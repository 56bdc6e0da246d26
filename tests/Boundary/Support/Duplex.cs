using System.Net.Sockets;

namespace Pavise.Boundary.Tests.Support;

/// <summary>Two connected streams.</summary>
internal sealed class Duplex : IDisposable
{
    private Duplex(Stream left, Stream right) => (Left, Right) = (left, right);

    public Stream Left { get; }

    public Stream Right { get; }

    public static async Task<Duplex> OpenAsync()
    {
        string path = Path.Combine(Path.GetTempPath(), $"pv-{Guid.NewGuid():N}");
        try
        {
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            Socket server = await listener.AcceptAsync();
            return new Duplex(new NetworkStream(client, true), new NetworkStream(server, true));
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }
}
