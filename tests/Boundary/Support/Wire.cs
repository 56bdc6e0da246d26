using System.Buffers.Binary;
using Google.Protobuf;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.Tests.Support;

/// <summary>Frames written and read byte by byte, independent of the code under test.</summary>
internal static class Wire
{
    public static byte[] Frame(uint streamId, byte type, byte flags, byte[] data, uint? length = null)
    {
        byte[] frame = new byte[10 + data.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, length ?? (uint)data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), streamId);
        frame[8] = type;
        frame[9] = flags;
        data.CopyTo(frame, 10);
        return frame;
    }

    public static byte[] Request(uint streamId, string service, string method, byte[] payload, byte flags = 0, long timeoutNano = 0) =>
        Frame(streamId, 1, flags, new Request { Service = service, Method = method, Payload = ByteString.CopyFrom(payload), TimeoutNano = timeoutNano }.ToByteArray());

    public static async Task<(uint StreamId, byte Type, byte Flags, byte[] Data)> ReadAsync(Stream stream)
    {
        byte[] header = new byte[10];
        await stream.ReadExactlyAsync(header);
        byte[] data = new byte[BinaryPrimitives.ReadUInt32BigEndian(header)];
        await stream.ReadExactlyAsync(data);
        return (BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)), header[8], header[9], data);
    }

    public static async Task<(uint StreamId, TtrpcStatus Status, string Message)> ReadStatusAsync(Stream stream)
    {
        (uint id, byte type, _, byte[] data) = await ReadAsync(stream);
        Assert.Equal(2, type);
        Status status = Response.Parser.ParseFrom(data).Status;
        return (id, (TtrpcStatus)status.Code, status.Message);
    }
}
