using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Tests.Vsock.Guest;

/// <summary>QEMU's side of vhost-user, message by message.</summary>
internal sealed class FrontEnd : IDisposable
{
    public const uint GetFeatures = 1, SetFeatures = 2, SetOwner = 3, SetMemTable = 5, SetVringNum = 8, SetVringAddr = 9, SetVringBase = 10;
    public const uint GetVringBase = 11, SetVringKick = 12, SetVringCall = 13, GetProtocolFeatures = 15, SetProtocolFeatures = 16, SetVringEnable = 18, GetConfig = 24;
    public const ulong EventIndex = 1UL << 29, Protocol = 1UL << 30, Version1 = 1UL << 32;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public FrontEnd(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    public static byte[] Words(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return bytes;
    }

    public static byte[] Longs(params ulong[] longs) => Words([.. longs.SelectMany(l => new[] { (uint)l, (uint)(l >> 32) })]);

    public void Send(uint request, byte[] payload, params SafeFileHandle[] descriptors) => SendRaw(request, 1, (uint)payload.Length, payload, descriptors);

    public void SendRaw(uint request, uint flags, uint size, byte[] payload, params SafeFileHandle[] descriptors) =>
        DescriptorSocket.Send(_socket.SafeHandle, [.. Words(request, flags, size), .. payload], descriptors);

    /// <summary>Sends a request that has its own reply.</summary>
    public byte[] Ask(uint request, params byte[] payload)
    {
        Send(request, payload);
        return Reply(request);
    }

    /// <summary>Sends a request and demands the acknowledgement.</summary>
    public ulong Acknowledged(uint request, byte[] payload, params SafeFileHandle[] descriptors)
    {
        SendRaw(request, 1 | 8, (uint)payload.Length, payload, descriptors);
        return BinaryPrimitives.ReadUInt64LittleEndian(Reply(request));
    }

    public ulong AskNumber(uint request) => BinaryPrimitives.ReadUInt64LittleEndian(Ask(request));

    public void Dispose() => _socket.Dispose();

    private byte[] Reply(uint request)
    {
        byte[] header = Receive(12);
        Assert.Equal((request, 5u), (BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4))));
        return Receive(BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8)));
    }

    private byte[] Receive(int length)
    {
        byte[] bytes = new byte[length];
        for (int got = 0; got < length;)
        {
            int more = _socket.Receive(bytes.AsSpan(got));
            got += more > 0 ? more : throw new EndOfStreamException();
        }

        return bytes;
    }
}
