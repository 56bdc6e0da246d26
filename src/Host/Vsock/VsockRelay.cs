using System.Buffers;
using System.Net.Sockets;

namespace Pavise.Host.Vsock;

/// <summary>Moves bytes between a Unix socket's connection and a vsock connection, both ways, each half closed on its own.</summary>
internal static class VsockRelay
{
    /// <summary>Runs until both halves have ended; disposes both. After a failure both sides are reset.</summary>
    /// <param name="socket">The host's side.</param>
    /// <param name="stream">The guest's side.</param>
    /// <param name="cancellation">Resets both sides.</param>
    /// <param name="breaks">Whether a guest that closes everything at once broke off: a TCP socket is reset then.</param>
    public static async Task RunAsync(Socket socket, VsockStream stream, CancellationToken cancellation, bool breaks = false)
    {
        using (socket)
        await using (stream)
        {
            using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task[] halves = [ToGuestAsync(socket, stream, failed.Token), FromGuestAsync(stream, socket, breaks, failed.Token)];
            try
            {
                await await Task.WhenAny(halves);
                await Task.WhenAll(halves);
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                stream.Abort();
                if (breaks)
                {
                    socket.LingerState = new LingerOption(enable: true, 0);
                }

                await failed.CancelAsync();
                await Task.WhenAll(halves).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    private static async Task ToGuestAsync(Socket socket, VsockStream stream, CancellationToken cancellation)
    {
        while (true)
        {
            // An idle connection holds no buffer: the empty read waits.
            await socket.ReceiveAsync(Memory<byte>.Empty, cancellation);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(VsockLimits.PacketBytes);
            try
            {
                int got = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
                if (got == 0)
                {
                    stream.CloseWrite();
                    return;
                }

                await stream.WriteAsync(buffer.AsMemory(0, got), cancellation);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async Task FromGuestAsync(VsockStream stream, Socket socket, bool breaks, CancellationToken cancellation)
    {
        while (true)
        {
            await stream.WaitReadableAsync(cancellation);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(VsockLimits.PacketBytes);
            try
            {
                int got = await stream.ReadAsync(buffer, cancellation);
                if (got == 0)
                {
                    if (breaks && stream.BrokenOff)
                    {
                        throw new IOException("the guest broke the connection off");
                    }

                    socket.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (int sent = 0; sent < got;)
                {
                    sent += await socket.SendAsync(buffer.AsMemory(sent, got - sent), cancellation);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
