using System.Buffers.Binary;
using System.Text;

namespace Pavise.Guest.Network.Kernel;

/// <summary>Writes netlink messages (netlink(7)): a header, a fixed part, attributes, all padded to four bytes.</summary>
internal sealed class NetlinkMessage
{
    public const ushort Request = 1;
    public const ushort Acknowledge = 4;
    public const ushort Replace = 0x100;
    public const ushort Exclusive = 0x200;
    public const ushort Create = 0x400;

    private const int HeaderBytes = 16;
    private const int AttributeBytes = 4;
    private const ushort Nested = 0x8000;

    private readonly List<byte> bytes = [];
    private readonly Stack<int> open = new();
    private int start;

    /// <summary>Begins a message; the one before is complete.</summary>
    public NetlinkMessage Begin(ushort type, ushort flags, params ReadOnlySpan<byte> fixedPart)
    {
        Close();
        start = bytes.Count;
        bytes.AddRange(stackalloc byte[HeaderBytes]);
        Put16(start + 4, type);
        Put16(start + 6, flags);
        bytes.AddRange(fixedPart);
        Pad();
        return this;
    }

    public NetlinkMessage Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[AttributeBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)(AttributeBytes + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], type);
        bytes.AddRange(head);
        bytes.AddRange(value);
        Pad();
        return this;
    }

    public NetlinkMessage Number(ushort type, uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        return Attribute(type, number);
    }

    public NetlinkMessage Text(ushort type, string value) => Attribute(type, Encoding.ASCII.GetBytes(value + '\0'));

    public NetlinkMessage Nest(ushort type)
    {
        open.Push(bytes.Count);
        bytes.AddRange(stackalloc byte[AttributeBytes]);
        Put16(open.Peek() + 2, (ushort)(type | Nested));
        return this;
    }

    public NetlinkMessage End()
    {
        int at = open.Pop();
        Put16(at, (ushort)(bytes.Count - at));
        return this;
    }

    public byte[] ToArray()
    {
        Close();
        return [.. bytes];
    }

    private void Close()
    {
        while (open.Count > 0)
        {
            End();
        }

        if (bytes.Count > start)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Count - start);
            for (int i = 0; i < 4; i++)
            {
                bytes[start + i] = length[i];
            }
        }
    }

    private void Put16(int at, ushort value) => (bytes[at], bytes[at + 1]) = ((byte)value, (byte)(value >> 8));

    private void Pad()
    {
        while (bytes.Count % 4 != 0)
        {
            bytes.Add(0);
        }
    }
}
