using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Streams;

/// <summary>The Unix socket on which the process launcher hands over the master of a new process's terminal.</summary>
internal sealed class ConsoleSocket : IDisposable
{
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public ConsoleSocket(string path)
    {
        Path = path;
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
    }

    /// <summary>Where it is bound.</summary>
    public string Path { get; }

    /// <summary>
    /// Takes the master. To be called when the launcher has ended well: what it sent is in the socket's queue by then, so nothing blocks.
    /// </summary>
    public SafeFileHandle Receive()
    {
        if (!listener.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            throw new InvalidDataException("the process launcher sent no terminal");
        }

        using Socket connection = listener.Accept();
        return LinuxTerminals.ReceiveDescriptor(connection.SafeHandle);
    }

    public void Dispose()
    {
        listener.Dispose();
        File.Delete(Path);
    }
}
