using System.Net.Sockets;
using Grpc.Net.Client;
using Pavise.Cri.V1;

namespace Pavise.Cri.Node;

/// <summary>The container runtime interface over containerd's Unix socket.</summary>
public sealed class CriClient : IDisposable
{
    private readonly GrpcChannel channel;

    /// <summary>Connects when the first call is made.</summary>
    /// <param name="socket">Path of the Unix socket.</param>
    public CriClient(string socket)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        };
        channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = 16 << 20 });
        Runtime = new(channel);
        Images = new(channel);
    }

    public RuntimeService.RuntimeServiceClient Runtime { get; }

    public ImageService.ImageServiceClient Images { get; }

    public void Dispose() => channel.Dispose();
}
