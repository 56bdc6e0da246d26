using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Pavise.Session.Protocol;

/// <summary>Messages behind their length (u32 big-endian).</summary>
internal static class Frames
{
    private const int LengthBytes = 4;

    /// <summary>Reads one message; null when the stream ended before it.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="parser">Of its kind.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="cancellation">Ends the wait, and the use of the stream.</param>
    /// <exception cref="SessionFormatException">It is no message of that kind, or too long.</exception>
    /// <exception cref="EndOfStreamException">The stream ended within it.</exception>
    public static async ValueTask<T?> ReadAsync<T>(Stream stream, MessageParser<T> parser, int most, CancellationToken cancellation) where T : class, IMessage<T>
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LengthBytes);
        try
        {
            int got = await stream.ReadAtLeastAsync(buffer.AsMemory(0, LengthBytes), LengthBytes, throwOnEndOfStream: false, cancellation);
            if (got < LengthBytes)
            {
                return got == 0 ? null : throw new EndOfStreamException("the session was cut off within a message");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(buffer);
            if (length > most)
            {
                throw new SessionFormatException($"a message has at most {most} bytes, not {length}");
            }

            if (buffer.Length < length)
            {
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                buffer = ArrayPool<byte>.Shared.Rent((int)length);
            }

            await stream.ReadExactlyAsync(buffer.AsMemory(0, (int)length), cancellation);
            return parser.ParseFrom(buffer, 0, (int)length);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new SessionFormatException($"a message is malformed: {e.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Writes one message.</summary>
    public static async ValueTask WriteAsync(Stream stream, IMessage message, CancellationToken cancellation)
    {
        int length = message.CalculateSize();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LengthBytes + length);
        try
        {
            BinaryPrimitives.WriteInt32BigEndian(buffer, length);
            message.WriteTo(buffer.AsSpan(LengthBytes, length));
            await stream.WriteAsync(buffer.AsMemory(0, LengthBytes + length), cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
