using System.Buffers.Binary;
using Google.Protobuf;
using Pavise.Boundary;

namespace Pavise.Host.Visor;

/// <summary>The launch messages: a length (u32, little-endian) and a protobuf message.</summary>
internal static class MessageFrames
{
    /// <summary>A policy at its largest, and room for the paths.</summary>
    public const int MaximumBytes = BoundaryLimits.PolicyBytes + (64 * 1024);

    public static async Task WriteAsync(Stream stream, IMessage message, CancellationToken cancellation)
    {
        int size = message.CalculateSize();
        byte[] bytes = new byte[4 + size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, size);
        message.WriteTo(bytes.AsSpan(4));
        await stream.WriteAsync(bytes, cancellation);
    }

    /// <summary>Reads a message; null when the stream ended before it.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such message.</exception>
    public static async Task<T?> ReadAsync<T>(Stream stream, MessageParser<T> parser, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        byte[] head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation) < head.Length)
        {
            return null;
        }

        int size = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (size is < 0 or > MaximumBytes)
        {
            throw new InvalidDataException($"a launch message is longer than {MaximumBytes} bytes");
        }

        byte[] body = new byte[size];
        if (await stream.ReadAtLeastAsync(body, size, throwOnEndOfStream: false, cancellation) < size)
        {
            return null;
        }

        try
        {
            return parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("a launch message is malformed", e);
        }
    }
}
