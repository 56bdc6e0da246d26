namespace Pavise.Boundary.Ttrpc;

/// <summary>Reads frames one after the other. A length is compared with the limit, and taken from the budget, before anything is allocated for it.</summary>
/// <param name="stream">The connection.</param>
/// <param name="budget">Of a server; null where the peer is one that was asked.</param>
internal sealed class FrameReader(Stream stream, ByteBudget? budget = null)
{
    /// <summary>Frames up to here are free: who waits, signals or asks is not held up by somebody else's large request.</summary>
    internal const int FreeBytes = 4096;

    private readonly byte[] _header = new byte[Frame.HeaderBytes];

    /// <summary>The next frame, or null when the peer ended the connection between two frames. <see cref="Frame.Held"/> of it is to be given back to the budget.</summary>
    /// <exception cref="EndOfStreamException">The connection ended inside a frame.</exception>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellation)
    {
        int got = await stream.ReadAtLeastAsync(_header, _header.Length, throwOnEndOfStream: false, cancellation);
        if (got == 0)
        {
            return null;
        }

        if (got < _header.Length)
        {
            throw new EndOfStreamException("the connection ended inside a ttrpc header");
        }

        Frame frame = Frame.DecodeHeader(_header);
        if (frame.Length > BoundaryLimits.TtrpcMessageBytes)
        {
            await SkipAsync(frame.Length, cancellation);
            return frame;
        }

        uint held = budget is null || frame.Length <= FreeBytes ? 0 : frame.Length;
        if (held > 0)
        {
            await budget!.TakeAsync(held, cancellation);
        }

        try
        {
            byte[] data = frame.Length == 0 ? [] : new byte[frame.Length];
            await stream.ReadExactlyAsync(data, cancellation);
            return frame with { Data = data, Held = held };
        }
        catch
        {
            budget?.Return(held);
            throw;
        }
    }

    private async ValueTask SkipAsync(long length, CancellationToken cancellation)
    {
        byte[] scratch = new byte[Math.Min(length, 64 * 1024)];
        while (length > 0)
        {
            int got = await stream.ReadAsync(scratch.AsMemory(0, (int)Math.Min(length, scratch.Length)), cancellation);
            if (got == 0)
            {
                throw new EndOfStreamException("the connection ended inside a ttrpc message");
            }

            length -= got;
        }
    }
}
