using System.Net;
using System.Net.Sockets;

namespace Pavise.Integration.Tests.Support;

/// <summary>A server on the node that sends back what it gets, to its end, and remembers who came.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly TcpListener listener;

    public EchoServer(string address, int port)
    {
        listener = new TcpListener(IPAddress.Parse(address), port);
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The addresses that connected.</summary>
    public List<string> Peers { get; } = [];

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync();
                lock (Peers)
                {
                    Peers.Add($"{((IPEndPoint)socket.RemoteEndPoint!).Address}");
                }

                _ = EchoAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                byte[] buffer = new byte[128 * 1024];
                int got;
                while ((got = await socket.ReceiveAsync(buffer)) > 0)
                {
                    for (int sent = 0; sent < got;)
                    {
                        sent += await socket.SendAsync(buffer.AsMemory(sent, got - sent));
                    }
                }

                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // Reset by the client.
            }
        }
    }
}
