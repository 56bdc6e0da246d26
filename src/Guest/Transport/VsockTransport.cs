using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Transport;

/// <summary>The boundary of a VM: the guest kernel's vsock driver.</summary>
internal sealed class VsockTransport : IBoundaryTransport
{
    private const int Backlog = 128;

    /// <summary>After a shortage, so that connections in use can end; the backlog keeps those that come.</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);

    public void Listen(uint port, Func<Stream, CancellationToken, Task> handler)
    {
        ConnectionGate gate = new(handler);
        SafeSocketHandle listener = LinuxVsock.Listen(port, Backlog);
        Thread thread = new(() => AcceptLoop(listener, gate), maxStackSize: 256 * 1024) { IsBackground = true, Name = $"vsock {port}" };
        thread.Start();
    }

    public Task<Stream> ConnectHostAsync(uint port, CancellationToken cancellation) =>
        Task.Run(() => Wrap(LinuxVsock.Connect(BoundaryPorts.HostCid, port)), cancellation);

    public Task<(IDisposable Owner, int Descriptor)> ConnectHostPlainAsync(uint port, CancellationToken cancellation) => Task.Run(
        () =>
        {
            SafeSocketHandle socket = LinuxVsock.Connect(BoundaryPorts.HostCid, port);
            int descriptor = (int)socket.DangerousGetHandle();
            LinuxRelay.SetNonBlocking(descriptor);
            return ((IDisposable)socket, descriptor);
        },
        cancellation);

    public SafeSocketHandle ConnectHost(uint port) => LinuxVsock.Connect(BoundaryPorts.HostCid, port);

    private static void AcceptLoop(SafeSocketHandle listener, ConnectionGate gate)
    {
        while (true)
        {
            try
            {
                gate.Take(Wrap(LinuxVsock.Accept(listener)));
            }
            catch (LinuxException e) when (e.IsPassing)
            {
                Thread.Sleep(AcceptPause);
            }
        }
    }

    private static Stream Wrap(SafeSocketHandle handle) => new VsockStream(new Socket(handle));
}
