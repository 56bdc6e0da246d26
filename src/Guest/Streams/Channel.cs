using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Streams;

/// <summary>
/// Our end of a pipe, or a pty's master, read and written without blocking a thread. The runtime's socket class does this for every
/// descriptor that can be polled, and sets only our own end to non-blocking.
/// </summary>
internal sealed class Channel : IDisposable
{
    private readonly Socket socket;

    /// <summary>Takes the handle over.</summary>
    public Channel(SafeFileHandle handle)
    {
        bool held = false;
        handle.DangerousAddRef(ref held);
        socket = new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: true));
        handle.SetHandleAsInvalid();
        if (held)
        {
            handle.DangerousRelease();
        }
    }

    /// <summary>The descriptor, for calls on terminals; not owned by the result.</summary>
    public SafeFileHandle Borrow() => new(socket.Handle, ownsHandle: false);

    /// <summary>Reads what there is; 0 at the end. The last slave's end makes a master fail with EIO: its way of saying so.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, SocketFlags.None, cancellation);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    /// <summary>Writes all of it.</summary>
    /// <returns>False when nobody reads any more.</returns>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose() => socket.Dispose();
}
