using System.Buffers.Binary;

namespace Pavise.Boundary.Ttrpc;

/// <summary>
/// One message of the ttrpc wire: 10 bytes of header (length u32, stream id u32, both big-endian, type u8, flags u8), then the data.
/// Source: containerd/ttrpc PROTOCOL.md, "Message Frame".
/// </summary>
/// <param name="StreamId">Odd for streams that the client began.</param>
/// <param name="Type">1 request, 2 response, 3 data; others are unknown.</param>
/// <param name="Flags">Bit 0 remote closed, bit 1 remote open, bit 2 no data.</param>
/// <param name="Length">Length that the header announces, in bytes.</param>
/// <param name="Data">The data; null when <paramref name="Length"/> is above the limit, the data then having been skipped.</param>
internal readonly record struct Frame(uint StreamId, byte Type, byte Flags, uint Length, byte[]? Data)
{
    public const int HeaderBytes = 10;

    /// <summary>Bytes that this frame took from the server's budget.</summary>
    public uint Held { get; init; }

    public const byte Request = 1;
    public const byte Response = 2;
    public const byte StreamData = 3;

    public const byte RemoteOpen = 2;

    public bool Oversized => Data is null;

    public static void EncodeHeader(Span<byte> header, uint length, uint streamId, byte type, byte flags)
    {
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], streamId);
        header[8] = type;
        header[9] = flags;
    }

    public static Frame DecodeHeader(ReadOnlySpan<byte> header) => new(
        BinaryPrimitives.ReadUInt32BigEndian(header[4..]),
        header[8],
        header[9],
        BinaryPrimitives.ReadUInt32BigEndian(header),
        null);
}
