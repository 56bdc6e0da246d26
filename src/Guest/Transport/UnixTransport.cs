#if PAVISE_DEVELOPMENT
using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Transport;

/// <summary>
/// The boundary of the process machine: Unix sockets in the sandbox directory, which is this process's working directory, since a socket's
/// whole path would often be longer than the 107 bytes that its address holds.
/// </summary>
internal sealed class UnixTransport : IBoundaryTransport
{
    private const int Backlog = 128;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);

    public void Listen(uint port, Func<Stream, CancellationToken, Task> handler)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(BoundaryPorts.GuestSocketName(port)));
        listener.Listen(Backlog);
        _ = AcceptAsync(listener, new ConnectionGate(handler));
    }

    public async Task<Stream> ConnectHostAsync(uint port, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(BoundaryPorts.HostSocketName(port)), cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public Task<(IDisposable Owner, int Descriptor)> ConnectHostPlainAsync(uint port, CancellationToken cancellation) => Task.Run(
        () =>
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(BoundaryPorts.HostSocketName(port)));
            int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
            LinuxRelay.SetNonBlocking(descriptor);
            return ((IDisposable)socket, descriptor);
        },
        cancellation);

    public SafeSocketHandle ConnectHost(uint port)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(BoundaryPorts.HostSocketName(port)));
            // From here on the handle is all there is of it.
            GC.SuppressFinalize(socket);
            return socket.SafeHandle;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"connecting to port {port} of the host: {e.SocketErrorCode}", e);
        }
    }

    private static async Task AcceptAsync(Socket listener, ConnectionGate gate)
    {
        while (true)
        {
            try
            {
                gate.Take(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
            }
            catch (SocketException)
            {
                // The peer was gone before, or descriptors are short: those in use will end.
                await Task.Delay(AcceptPause);
            }
        }
    }
}
#endif
