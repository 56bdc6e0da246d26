using System.Buffers.Binary;
using System.Text;

namespace Pavise.Boundary;

/// <summary>
/// The guest's answer to a <see cref="StreamHeader"/>: one byte 0 (open), or 1, length (u16 little-endian), a message in UTF-8 of at most
/// <see cref="BoundaryLimits.StreamRefusalBytes"/>.
/// </summary>
/// <param name="Refusal">Why the stream was refused; null when it is open.</param>
public sealed record StreamAnswer(string? Refusal)
{
    private const byte Open = 0;
    private const byte Refused = 1;

    /// <summary>Whether the stream's bytes follow.</summary>
    public bool IsOpen => Refusal is null;

    /// <summary>Opens the stream.</summary>
    public static async Task WriteOpenAsync(Stream stream, CancellationToken cancellation)
    {
        await stream.WriteAsync(new byte[] { Open }, cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>Refuses the stream; a message above the limit is cut between two characters.</summary>
    public static async Task WriteRefusedAsync(Stream stream, string message, CancellationToken cancellation)
    {
        byte[] answer = new byte[3 + BoundaryLimits.StreamRefusalBytes];
        Encoding.UTF8.GetEncoder().Convert(message, answer.AsSpan(3), flush: true, out _, out int length, out _);
        answer[0] = Refused;
        BinaryPrimitives.WriteUInt16LittleEndian(answer.AsSpan(1), (ushort)length);
        await stream.WriteAsync(answer.AsMemory(0, 3 + length), cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>Reads an answer and not a byte more.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an answer.</exception>
    /// <exception cref="EndOfStreamException">The connection ended inside the answer.</exception>
    public static async Task<StreamAnswer> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] head = new byte[3];
        await stream.ReadExactlyAsync(head.AsMemory(0, 1), cancellation);
        if (head[0] == Open)
        {
            return new StreamAnswer((string?)null);
        }

        if (head[0] != Refused)
        {
            throw new InvalidDataException("stream answer: the first byte is neither 0 nor 1");
        }

        await stream.ReadExactlyAsync(head.AsMemory(1, 2), cancellation);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(1));
        if (length > BoundaryLimits.StreamRefusalBytes)
        {
            throw new InvalidDataException($"stream answer: the message is longer than {BoundaryLimits.StreamRefusalBytes} bytes");
        }

        byte[] message = new byte[length];
        await stream.ReadExactlyAsync(message, cancellation);
        return new StreamAnswer(Encoding.UTF8.GetString(message));
    }
}
