using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls;
using Pavise.Boundary.Relay;
using Pavise.Host.Interop;
using Pavise.Host.Visor;
using Pavise.Host.Vsock;

namespace Pavise.Host.HostCalls.Network;

/// <summary>
/// The network's host calls, in the pod's network namespace. What may be asked is the guest's to decide; the host's own rules for the pod (network
/// policies, firewalls) hold for these sockets as for any of the pod.
/// </summary>
internal sealed class NetServer : IDisposable
{
    private const int Backlog = 4096;
    private const int KeepAliveSeconds = 60;

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(10);

    private readonly NetworkThread network;
    private readonly NameResolver resolver;
    private readonly VisorLog log;
    private readonly Lazy<RelayLoop> loop = new(() => new RelayLoop(new RelayKernel()));
    private readonly ConcurrentDictionary<ushort, Socket> listeners = [];
    private readonly SemaphoreSlim free = new((2 * BoundaryLimits.NetConnections) + BoundaryLimits.NetListeners);

    /// <param name="path">A network namespace; empty for a fresh one, null for the visor's own.</param>
    /// <param name="resolvConf">The resolver's configuration.</param>
    /// <param name="hosts">The file of host names.</param>
    /// <param name="log">Gets what went wrong.</param>
    public NetServer(string? path, string resolvConf, string hosts, VisorLog log)
    {
        network = new NetworkThread(path);
        resolver = new NameResolver(network, resolvConf, hosts);
        this.log = log;
    }

    /// <summary>Serves one connection of the guest to its end.</summary>
    public async Task ServeAsync(Stream connection, CancellationToken cancellation)
    {
        Stream stream = connection is NetworkStream plain ? Looped(plain) : connection;
        await using (stream)
        {
            if (!await free.WaitAsync(TimeSpan.Zero, cancellation))
            {
                return;
            }

            try
            {
                NetRequest request = await ReadAsync(stream, cancellation);
                Task serving = request.Operation switch
                {
                    NetOperation.Resolve => ResolveAsync(stream, request, cancellation),
                    NetOperation.Connect => ConnectAsync(stream, request, cancellation),
                    NetOperation.Listen => ListenAsync(stream, request, cancellation),
                    NetOperation.Accept => AcceptAsync(stream, request, cancellation),
                    _ => AddressesAsync(stream, request, cancellation),
                };
                await serving;
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The guest or the peer went away; the guest sees the end of its connection.
                if (e is SystemCallException)
                {
                    log.Write($"network: {e.Message}");
                }
            }
            finally
            {
                free.Release();
            }
        }
    }

    public void Dispose()
    {
        network.Dispose();
        foreach (Socket listener in listeners.Values)
        {
            listener.Dispose();
        }

        if (loop.IsValueCreated)
        {
            loop.Value.Dispose();
        }
    }

    private static async Task<NetRequest> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(RequestTime);
        return await NetRequest.ReadAsync(stream, late.Token);
    }

    private async Task ResolveAsync(Stream stream, NetRequest request, CancellationToken cancellation) =>
        await (await resolver.ResolveAsync(request.Name, request.Family, cancellation)).WriteAsync(stream, request.Operation, cancellation);

    private async Task ConnectAsync(Stream stream, NetRequest request, CancellationToken cancellation)
    {
        Socket socket = await network.RunAsync(() => new Socket(request.Address!.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            int errno = await ConnectAsync(socket, new IPEndPoint(request.Address!, request.Port), cancellation);
            if (errno == 0)
            {
                Prepare(socket);
            }

            await NetAnswer.Of(errno).WriteAsync(stream, request.Operation, cancellation);
            if (errno != 0)
            {
                socket.Dispose();
                return;
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        await RelayAsync(stream, socket, cancellation);
    }

    private async Task<int> ConnectAsync(Socket socket, IPEndPoint destination, CancellationToken cancellation)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(ConnectTime);
        try
        {
            // Without the runtime's asynchronous sockets, which would go on watching the descriptor.
            socket.Blocking = false;
            try
            {
                socket.Connect(destination);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                await new LoopStream(loop.Value, socket, Descriptor(socket)).ConnectedAsync(late.Token);
            }

            return (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! is var error && error == 0 ? 0 : Errno((SocketError)error, error);
        }
        catch (SocketException e)
        {
            return Errno(e.SocketErrorCode, e.NativeErrorCode);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return NetErrno.TimedOut;
        }
    }

    private async Task ListenAsync(Stream stream, NetRequest request, CancellationToken cancellation)
    {
        Socket? listener = null;
        int errno = 0;
        try
        {
            listener = await network.RunAsync(() => Listen(request.Port));
        }
        catch (SocketException e)
        {
            log.Write($"net.listen: port {request.Port}: {e.Message}");
            errno = Errno(e.SocketErrorCode, e.NativeErrorCode);
        }

        using Socket? owned = listener;
        if (listener is not null && !listeners.TryAdd(request.Port, listener))
        {
            errno = NetErrno.AddressInUse;
        }

        try
        {
            await NetAnswer.Of(errno).WriteAsync(stream, request.Operation, cancellation);
            if (errno == 0)
            {
                // The listener lives as long as the guest's connection.
                await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellation);
            }
        }
        finally
        {
            if (errno == 0)
            {
                listeners.TryRemove(request.Port, out _);
            }
        }
    }

    private static Socket Listen(ushort port)
    {
        Socket socket = new(Socket.OSSupportsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(Stream stream, NetRequest request, CancellationToken cancellation)
    {
        if (!listeners.TryGetValue(request.Port, out Socket? listener))
        {
            await NetAnswer.Of(NetErrno.Invalid).WriteAsync(stream, request.Operation, cancellation);
            return;
        }

        Socket socket = await listener.AcceptAsync(cancellation);
        try
        {
            Prepare(socket);
            IPEndPoint peer = (IPEndPoint)socket.RemoteEndPoint!, own = (IPEndPoint)socket.LocalEndPoint!;
            await new NetAnswer(0, [Plain(peer.Address), Plain(own.Address)], 0, (ushort)peer.Port).WriteAsync(stream, request.Operation, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        await RelayAsync(stream, socket, cancellation);
    }

    private async Task AddressesAsync(Stream stream, NetRequest request, CancellationToken cancellation)
    {
        IPAddress[] addresses = await network.RunAsync(() => NativeAddresses.Read().Where(a => a is { IsIPv6LinkLocal: false, IsIPv4MappedToIPv6: false }).Take(BoundaryLimits.NetAddresses).ToArray());
        await new NetAnswer(0, addresses, 0, 0).WriteAsync(stream, request.Operation, cancellation);
    }

    /// <summary>Bytes from here on: between two kernel sockets by the relay's thread, to a VM through the vsock device.</summary>
    private async Task RelayAsync(Stream stream, Socket socket, CancellationToken cancellation)
    {
        switch (stream)
        {
            case LoopStream looped:
                NativeRelay.SetNonBlocking(Descriptor(socket));
                await loop.Value.RunAsync(looped.Give(isTcp: false), new RelaySocket(socket, Descriptor(socket), IsTcp: true)).WaitAsync(cancellation);
                break;
            case VsockStream vsock:
                socket.Blocking = true;
                await VsockRelay.RunAsync(socket, vsock, cancellation, breaks: true);
                break;
            default:
                socket.Dispose();
                throw new InvalidOperationException("a stream of an unknown kind");
        }
    }

    private LoopStream Looped(NetworkStream stream)
    {
        NativeRelay.SetNonBlocking(Descriptor(stream.Socket));
        return new LoopStream(loop.Value, stream, Descriptor(stream.Socket));
    }

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
    }

    /// <summary>IPv4 in IPv6's clothes, and zones, are the host's own business.</summary>
    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address.ScopeId != 0 && address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;

    private static int Errno(SocketError error, int native) => error switch
    {
        SocketError.ConnectionRefused => NetErrno.Refused,
        SocketError.HostUnreachable or SocketError.HostNotFound => NetErrno.HostUnreachable,
        SocketError.NetworkUnreachable or SocketError.NetworkDown => NetErrno.NetworkUnreachable,
        SocketError.TimedOut => NetErrno.TimedOut,
        SocketError.ConnectionReset => NetErrno.Reset,
        SocketError.AddressAlreadyInUse => NetErrno.AddressInUse,
        SocketError.AccessDenied => NetErrno.Access,
        _ => native is > 0 and < 200 ? native : NetErrno.HostUnreachable,
    };
}
