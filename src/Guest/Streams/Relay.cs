using System.Buffers;

namespace Pavise.Guest.Streams;

/// <summary>Moves bytes one way between a process and a connection: one buffer, and no read before the last write is done, so a slow reader slows the writer.</summary>
internal static class Relay
{
    /// <summary>As much as a pipe holds.</summary>
    internal const int BufferBytes = 64 * 1024;

    /// <summary>
    /// From a process to the host, until the process's end closes. When the host goes away first, the rest is read and dropped: a process
    /// must not stall or die because its reader left.
    /// </summary>
    /// <param name="source">The process's end.</param>
    /// <param name="connection">The host's; null: nobody reads.</param>
    /// <param name="tap">Sees everything before it goes out; null: nobody does.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task OutputAsync(Channel source, Stream? connection, Action<ReadOnlySpan<byte>>? tap, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int length;
            while ((length = await source.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellation)) > 0)
            {
                tap?.Invoke(buffer.AsSpan(0, length));
                if (connection is not null && !await TryWriteAsync(connection, buffer.AsMemory(0, length), cancellation))
                {
                    connection = null;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>From the host to a process, until the host ends its side or the process reads no more.</summary>
    public static async Task InputAsync(Stream connection, Channel destination, Action moved, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int length;
            while ((length = await TryReadAsync(connection, buffer.AsMemory(0, BufferBytes), cancellation)) > 0
                && await destination.WriteAsync(buffer.AsMemory(0, length), cancellation))
            {
                moved();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    internal static async ValueTask<bool> TryWriteAsync(Stream connection, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await connection.WriteAsync(bytes, cancellation);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static async ValueTask<int> TryReadAsync(Stream connection, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await connection.ReadAsync(buffer, cancellation);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
