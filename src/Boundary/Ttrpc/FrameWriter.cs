using Google.Protobuf;

namespace Pavise.Boundary.Ttrpc;

/// <summary>
/// Writes frames whole, one at a time. A frame that has begun is never given up half way, because that would make the rest of the
/// connection unreadable: cancellation ends the caller's wait only.
/// </summary>
internal sealed class FrameWriter(Stream stream) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <exception cref="TtrpcException">The message is longer than the limit; nothing was written.</exception>
    public Task WriteAsync(uint streamId, byte type, IMessage message, CancellationToken cancellation)
    {
        int size = message.CalculateSize();
        if (size > BoundaryLimits.TtrpcMessageBytes)
        {
            throw new TtrpcException(TtrpcStatus.ResourceExhausted, $"message length {size} exceeds the maximum of {BoundaryLimits.TtrpcMessageBytes}");
        }

        byte[] frame = new byte[Frame.HeaderBytes + size];
        Frame.EncodeHeader(frame, (uint)size, streamId, type, 0);
        message.WriteTo(frame.AsSpan(Frame.HeaderBytes));
        return WriteAsync(frame).WaitAsync(cancellation);
    }

    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(byte[] frame)
    {
        await _turn.WaitAsync();
        try
        {
            await stream.WriteAsync(frame);
            await stream.FlushAsync();
        }
        finally
        {
            _turn.Release();
        }
    }
}
