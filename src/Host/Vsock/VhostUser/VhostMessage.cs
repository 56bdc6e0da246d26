using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Vsock.VhostUser;

/// <summary>
/// One message: request u32, flags u32 (bits 0-1 version 1, bit 2 reply, bit 3 reply wanted), size u32, payload; descriptors beside it.
/// Disposing closes the descriptors that nobody took.
/// </summary>
internal sealed class VhostMessage : IDisposable
{
    /// <summary>Bytes of a payload: a memory table of eight regions has 264, a configuration space at most 268.</summary>
    public const int MaximumPayload = 512;

    private const int HeaderBytes = 12;
    private const uint Version = 1;
    private const uint ReplyFlag = 4;
    private const uint WantsReplyFlag = 8;

    private readonly byte[] _payload;
    private readonly List<SafeFileHandle> _descriptors;

    private VhostMessage(VhostRequest request, bool wantsReply, byte[] payload, List<SafeFileHandle> descriptors) =>
        (Request, WantsReply, _payload, _descriptors) = (request, wantsReply, payload, descriptors);

    public VhostRequest Request { get; }

    public bool WantsReply { get; }

    public ReadOnlySpan<byte> Payload => _payload;

    public int DescriptorCount => _descriptors.Count;

    /// <summary>Reads the next message (blocking); null when the front end closed.</summary>
    /// <exception cref="VhostProtocolException">The message is malformed.</exception>
    public static VhostMessage? Receive(SafeHandle socket)
    {
        List<SafeFileHandle> descriptors = [];
        bool taken = false;
        try
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            int got = DescriptorSocket.Receive(socket, header, descriptors);
            if (got == 0)
            {
                return null;
            }

            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            if (got < HeaderBytes || (flags & 3) != Version || (flags & ReplyFlag) != 0 || size > MaximumPayload)
            {
                throw new VhostProtocolException("vhost-user: malformed message header");
            }

            byte[] payload = new byte[size];
            if (size > 0 && DescriptorSocket.Receive(socket, payload, descriptors) < size)
            {
                throw new VhostProtocolException("vhost-user: the connection ended inside a message");
            }

            taken = true;
            return new VhostMessage((VhostRequest)BinaryPrimitives.ReadUInt32LittleEndian(header), (flags & WantsReplyFlag) != 0, payload, descriptors);
        }
        finally
        {
            if (!taken)
            {
                descriptors.ForEach(d => d.Dispose());
            }
        }
    }

    /// <summary>Answers this message.</summary>
    public void Reply(SafeHandle socket, ReadOnlySpan<byte> payload)
    {
        Span<byte> reply = stackalloc byte[HeaderBytes + MaximumPayload];
        BinaryPrimitives.WriteUInt32LittleEndian(reply, (uint)Request);
        BinaryPrimitives.WriteUInt32LittleEndian(reply[4..], Version | ReplyFlag);
        BinaryPrimitives.WriteInt32LittleEndian(reply[8..], payload.Length);
        payload.CopyTo(reply[HeaderBytes..]);
        DescriptorSocket.Send(socket, reply[..(HeaderBytes + payload.Length)], []);
    }

    /// <summary>Answers this message with a number.</summary>
    public void Reply(SafeHandle socket, ulong value)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, value);
        Reply(socket, payload);
    }

    /// <summary>Hands the descriptor over to the caller, who disposes it.</summary>
    public SafeFileHandle TakeDescriptor()
    {
        if (_descriptors.Count == 0)
        {
            throw new VhostProtocolException($"vhost-user: {Request} came without its descriptor");
        }

        SafeFileHandle descriptor = _descriptors[0];
        _descriptors.RemoveAt(0);
        return descriptor;
    }

    /// <summary>A 32-bit field of the payload.</summary>
    public uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Field(offset, sizeof(uint)));

    /// <summary>A 64-bit field of the payload.</summary>
    public ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Field(offset, sizeof(ulong)));

    public void Dispose() => _descriptors.ForEach(d => d.Dispose());

    private ReadOnlySpan<byte> Field(int offset, int length) => offset + length <= _payload.Length
        ? Payload.Slice(offset, length)
        : throw new VhostProtocolException($"vhost-user: {Request} is too short");
}
