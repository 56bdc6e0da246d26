using System.Buffers;
using System.Security.Cryptography;
using Pavise.Session.Logs;

namespace Pavise.Guest.Streams;

/// <summary>Moves output to the host as lines that only the owners open. What was read goes out at once; a burst becomes large records.</summary>
internal static class SealedRelay
{
    /// <summary>Until the process's end closes. Where nothing can be sealed nothing goes out, and the process goes on.</summary>
    public static async Task OutputAsync(Channel source, Stream connection, Func<CancellationToken, Task<SealedLogWriter>> begin, Action<ReadOnlySpan<byte>>? tap, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Relay.BufferBytes);
        SealedLogWriter? writer = await BeginAsync(begin, cancellation);
        bool writable = writer is not null;
        try
        {
            int length;
            while ((length = await source.ReadAsync(buffer.AsMemory(0, Relay.BufferBytes), cancellation)) > 0)
            {
                tap?.Invoke(buffer.AsSpan(0, length));
                writable = writable && await Relay.TryWriteAsync(connection, writer!.Seal(buffer.AsSpan(0, length)), cancellation);
            }

            if (writable)
            {
                await Relay.TryWriteAsync(connection, writer!.End(), cancellation);
            }
        }
        finally
        {
            writer?.Dispose();
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static async Task<SealedLogWriter?> BeginAsync(Func<CancellationToken, Task<SealedLogWriter>> begin, CancellationToken cancellation)
    {
        try
        {
            return await begin(cancellation);
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            // The host gave no evidence, so that nobody could believe the log.
            return null;
        }
    }
}
