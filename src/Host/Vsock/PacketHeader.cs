using System.Buffers.Binary;

namespace Pavise.Host.Vsock;

/// <summary>Operations of a packet (virtio 1.2, section 5.10.6).</summary>
internal enum PacketOp : ushort
{
    Invalid = 0,
    Request = 1,
    Response = 2,
    Rst = 3,
    Shutdown = 4,
    Rw = 5,
    CreditUpdate = 6,
    CreditRequest = 7,
}

/// <summary>struct virtio_vsock_hdr, 44 bytes, little-endian (virtio 1.2, section 5.10.6).</summary>
internal readonly record struct PacketHeader
{
    public const int Bytes = 44;
    public const ushort Stream = 1;
    public const uint ShutdownReceive = 1;
    public const uint ShutdownSend = 2;

    public ulong SourceCid { get; init; }
    public ulong DestinationCid { get; init; }
    public uint SourcePort { get; init; }
    public uint DestinationPort { get; init; }
    public uint Length { get; init; }
    public ushort Type { get; init; }
    public PacketOp Op { get; init; }
    public uint Flags { get; init; }
    public uint BufferAllocation { get; init; }
    public uint ForwardCount { get; init; }

    public static PacketHeader Decode(ReadOnlySpan<byte> bytes) => new()
    {
        SourceCid = BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        DestinationCid = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        SourcePort = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
        DestinationPort = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
        Length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
        Type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]),
        Op = (PacketOp)BinaryPrimitives.ReadUInt16LittleEndian(bytes[30..]),
        Flags = BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
        BufferAllocation = BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]),
        ForwardCount = BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]),
    };

    public void Encode(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, SourceCid);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], DestinationCid);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], SourcePort);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], DestinationPort);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[28..], Type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[30..], (ushort)Op);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[36..], BufferAllocation);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], ForwardCount);
    }
}
