using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Shim.Streams;

/// <summary>
/// Standard input from a fifo into the guest. A writer of our own keeps the pipe open, so that a client which comes late, or goes and comes back,
/// does not end the input; only CloseIO does, once the client's bytes have been read.
/// </summary>
internal sealed class InputPump : IDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly Socket reader;
    private SafeFileHandle? anchor;

    private InputPump(string path)
    {
        reader = PipeSocket.Wrap(NativeFifos.OpenRead(path));
        anchor = NativeFifos.TryOpenWrite(path);
    }

    /// <summary>Opens the fifo; returns at once. CloseIO may be asked for before anything is pumped.</summary>
    /// <exception cref="HostException">It cannot be opened.</exception>
    public static InputPump Open(string path)
    {
        try
        {
            return new InputPump(path);
        }
        catch (IOException e)
        {
            throw new HostException($"standard input cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Moves bytes until the input ends, the process reads no more, or <see cref="Dispose"/>. Disposes the stream, which ends the process's input.</summary>
    public async Task RunAsync(Stream guest)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            await using (guest)
            {
                while (await reader.ReceiveAsync(buffer.AsMemory(), SocketFlags.None) is var length and > 0)
                {
                    await guest.WriteAsync(buffer.AsMemory(0, length));
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The process reads no more, or has ended.
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>The client will write no more than it has written.</summary>
    public void Close() => Interlocked.Exchange(ref anchor, null)?.Dispose();

    public void Dispose()
    {
        Close();
        reader.Dispose();
    }
}
