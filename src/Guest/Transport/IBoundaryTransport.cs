using System.Net.Sockets;

namespace Pavise.Guest.Transport;

/// <summary>How connections cross the boundary: vsock in a VM, Unix sockets on the process machine.</summary>
internal interface IBoundaryTransport
{
    /// <summary>Listens on a guest port; each connection is handed to a task of its own and closed after it.</summary>
    void Listen(uint port, Func<Stream, CancellationToken, Task> handler);

    /// <summary>Connects to a port of the host.</summary>
    Task<Stream> ConnectHostAsync(uint port, CancellationToken cancellation);

    /// <summary>The same, as a descriptor that does not block and that nothing of the runtime watches.</summary>
    Task<(IDisposable Owner, int Descriptor)> ConnectHostPlainAsync(uint port, CancellationToken cancellation);

    /// <summary>Connects to a port of the host for a thread that asks and waits: a socket without the runtime's machinery, in blocking mode.</summary>
    /// <exception cref="IOException">The host does not answer there.</exception>
    SafeSocketHandle ConnectHost(uint port);
}
