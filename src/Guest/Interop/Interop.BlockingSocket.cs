using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pavise.Guest.Interop;

/// <summary>
/// A stream socket used by one thread at a time that asks and waits. The runtime's sockets wake a waiting thread by way of another one, which costs more than
/// the answer's whole way.
/// </summary>
public static partial class LinuxBlockingSocket
{
    private const int SocketLevel = 1, SendBuffer = 7, ReceiveTimeout = 20, SendTimeout = 21;
    private const int NoSignal = 0x4000;
    private const int Interrupted = 4;

    /// <summary>Sets how long a send or a receive waits for the peer, and how many bytes are on the way at most.</summary>
    public static void Configure(SafeSocketHandle socket, TimeSpan patience, int bytes)
    {
        byte[] time = new byte[16];
        BitConverter.TryWriteBytes(time, (long)patience.TotalSeconds);
        LinuxException.Check(setsockopt(socket, SocketLevel, ReceiveTimeout, time, time.Length), "setting a socket's time limit");
        LinuxException.Check(setsockopt(socket, SocketLevel, SendTimeout, time, time.Length), "setting a socket's time limit");
        _ = setsockopt(socket, SocketLevel, SendBuffer, BitConverter.GetBytes(bytes), 4);
    }

    /// <summary>Sends everything.</summary>
    /// <exception cref="LinuxException">The peer is gone, or took nothing for too long (EAGAIN).</exception>
    public static void Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes)
    {
        // SAFETY: the bytes are pinned for the call, and their length is given.
        unsafe
        {
            fixed (byte* pointer = bytes)
            {
                int done = 0;
                while (done < bytes.Length)
                {
                    nint sent = send(socket, pointer + done, (nuint)(bytes.Length - done), NoSignal);
                    done += sent >= 0 ? (int)sent : Failed("sending to the host");
                }
            }
        }
    }

    /// <summary>Receives what is there, at least one byte.</summary>
    /// <returns>Bytes; 0 at the end.</returns>
    /// <exception cref="LinuxException">The peer is gone, or sent nothing for too long (EAGAIN).</exception>
    public static int Receive(SafeSocketHandle socket, Span<byte> buffer)
    {
        // SAFETY: the buffer is pinned for the call, and its length is given.
        unsafe
        {
            fixed (byte* pointer = buffer)
            {
                while (true)
                {
                    nint count = recv(socket, pointer, (nuint)buffer.Length, 0);
                    if (count >= 0)
                    {
                        return (int)count;
                    }

                    _ = Failed("receiving from the host");
                }
            }
        }
    }

    private static int Failed(string what) => Marshal.GetLastPInvokeError() is var errno && errno == Interrupted ? 0 : throw new LinuxException(what, errno);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeSocketHandle socket, int level, int option, byte[] value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint send(SafeSocketHandle socket, byte* bytes, nuint length, int flags); // SAFETY: see Send.

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recv(SafeSocketHandle socket, byte* buffer, nuint length, int flags); // SAFETY: see Receive.
}
