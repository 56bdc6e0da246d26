using System.Buffers.Binary;

namespace Pavise.Boundary.HostCalls.Files;

/// <summary>
/// Frames of the file host calls. A connection to <see cref="BoundaryPorts.HostCallFile"/> begins with <c>"PVF1"</c>, the length of the volume's name (u8)
/// and the name; a <see cref="StreamAnswer"/> follows. From then on the guest asks and the host answers, one after the other: several connections of a
/// volume are several requests at once. A request: length of all (u32), operation (u16), zero (u16), a number that counts (u64). An answer: length of all
/// (u32), errno (u32, 0: none), the request's number (u64); with an errno nothing follows.
/// </summary>
public static class FileFrame
{
    /// <summary>Bytes of either header.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Most bytes of the first message.</summary>
    public const int HelloBytes = 5 + BoundaryLimits.IdBytes;

    private static ReadOnlySpan<byte> Magic => "PVF1"u8;

    /// <summary>Writes a request's header.</summary>
    public static void WriteRequest(Span<byte> frame, int length, FileOperation operation, ulong number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], (ushort)operation);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], number);
    }

    /// <summary>Writes an answer's header.</summary>
    public static void WriteAnswer(Span<byte> frame, int length, int errno, ulong number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], errno);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], number);
    }

    /// <summary>Reads a header: the length of the frame, the operation or errno, the number.</summary>
    /// <exception cref="InvalidDataException">The length is outside its limits.</exception>
    public static (int Length, uint Word, ulong Number) Read(ReadOnlySpan<byte> header)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length is < HeaderBytes or > FileLimits.FrameBytes
            ? throw new InvalidDataException($"file host call: a frame has {HeaderBytes} to {FileLimits.FrameBytes} bytes, not {length}")
            : (length, BinaryPrimitives.ReadUInt32LittleEndian(header[4..]), BinaryPrimitives.ReadUInt64LittleEndian(header[8..]));
    }

    /// <summary>The first message of a connection.</summary>
    /// <param name="volume">The volume's name, ASCII.</param>
    public static byte[] Hello(string volume)
    {
        byte[] name = System.Text.Encoding.ASCII.GetBytes(volume);
        return name.Length is 0 or > BoundaryLimits.IdBytes
            ? throw new ArgumentException($"a volume's name has 1 to {BoundaryLimits.IdBytes} bytes", nameof(volume))
            : [.. Magic, (byte)name.Length, .. name];
    }

    /// <summary>Reads the first message of a connection and not a byte more.</summary>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    /// <exception cref="EndOfStreamException">The connection ended inside.</exception>
    public static string ReadHello(Stream stream)
    {
        byte[] bytes = new byte[HelloBytes];
        stream.ReadExactly(bytes, 0, 5);
        if (!bytes.AsSpan(0, 4).SequenceEqual(Magic) || bytes[4] is 0 or > BoundaryLimits.IdBytes)
        {
            throw new InvalidDataException("file host call: the connection does not begin with a volume's name");
        }

        stream.ReadExactly(bytes, 5, bytes[4]);
        return System.Text.Encoding.ASCII.GetString(bytes, 5, bytes[4]);
    }
}
