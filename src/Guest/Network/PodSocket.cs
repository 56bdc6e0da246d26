using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Pavise.Boundary.Relay;
using Pavise.Guest.Network.Kernel;

namespace Pavise.Guest.Network;

/// <summary>The shield's sockets towards applications (ip(7), ipv6(7), socket(7)).</summary>
internal static class PodSocket
{
    private const int KeepAliveSeconds = 60;
    private const int SocketLevel = 1, MarkOption = 36;
    private const int Ip = 0, Transparent = 19, OriginalDestination4 = 80;
    private const int Ipv6 = 41, Transparent6 = 75, OriginalDestination6 = 80;
    private const int Backlog = 4096;

    /// <summary>Listens for redirected connections on the loopback address of a family.</summary>
    public static Socket Listen(AddressFamily family, int port)
    {
        Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, port));
        socket.Listen(Backlog);
        return socket;
    }

    /// <summary>Where a redirected connection was going; null where it was not redirected.</summary>
    public static IPEndPoint? OriginalDestination(Socket socket)
    {
        try
        {
            bool old = socket.AddressFamily == AddressFamily.InterNetwork;
            byte[] address = new byte[old ? 16 : 28];
            socket.GetRawSocketOption(old ? Ip : Ipv6, old ? OriginalDestination4 : OriginalDestination6, address);
            int port = BinaryPrimitives.ReadUInt16BigEndian(address.AsSpan(2));
            return new IPEndPoint(new IPAddress(old ? address.AsSpan(4, 4) : address.AsSpan(8, 16)), port);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Connects to an application as somebody else: the peer that it is to see.</summary>
    /// <exception cref="SocketException">The application does not listen there, or the peer's address is in use.</exception>
    public static async Task<Socket> ConnectAsync(RelayLoop loop, AcceptedPeer peer, int port, CancellationToken cancellation)
    {
        bool old = peer.Destination.AddressFamily == AddressFamily.InterNetwork;
        Socket socket = new(peer.Destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Set(socket, SocketLevel, MarkOption, PodInterface.Mark);
            Set(socket, old ? Ip : Ipv6, old ? Transparent : Transparent6, 1);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(peer.Peer);
            socket.Blocking = false;
            try
            {
                socket.Connect(new IPEndPoint(peer.Destination, port));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                await new LoopStream(loop, socket, Descriptor(socket)).ConnectedAsync(cancellation);
                if ((int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! is not 0 and var error)
                {
                    throw new SocketException(error);
                }
            }

            Prepare(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>For the relay.</summary>
    public static RelaySocket ForRelay(Socket socket) => new(socket, Descriptor(socket), IsTcp: true);

    /// <summary>No delay, keep-alive, not blocking.</summary>
    public static void Prepare(Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        Interop.LinuxRelay.SetNonBlocking(Descriptor(socket));
    }

    /// <summary>Closes with a reset: the application's next read or write fails.</summary>
    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, 0);
        socket.Dispose();
    }

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private static void Set(Socket socket, int level, int option, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        socket.SetRawSocketOption(level, option, bytes);
    }
}
