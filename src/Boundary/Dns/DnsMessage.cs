using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pavise.Boundary.Dns;

/// <summary>The one question of a DNS message.</summary>
/// <param name="Id">The asker's number.</param>
/// <param name="Name">In lower case, without a final dot; empty for the root.</param>
/// <param name="Type">1 A, 28 AAAA, others.</param>
/// <param name="Class">1 IN.</param>
public sealed record DnsQuestion(ushort Id, string Name, ushort Type, ushort Class);

/// <summary>What a DNS server answered.</summary>
/// <param name="Code">0 found, 3 no such name, others failed.</param>
/// <param name="Addresses">Of the type that was asked for; at most 16.</param>
/// <param name="Seconds">The shortest life of the records on the way.</param>
/// <param name="IsCut">Whether to ask again over TCP.</param>
public sealed record DnsAnswer(int Code, IReadOnlyList<IPAddress> Addresses, uint Seconds, bool IsCut);

/// <summary>DNS messages (RFC 1035, section 4) with one question about addresses.</summary>
public static class DnsMessage
{
    /// <summary>A: an IPv4 address.</summary>
    public const ushort TypeA = 1;

    /// <summary>AAAA: an IPv6 address (RFC 3596).</summary>
    public const ushort TypeAaaa = 28;

    /// <summary>IN.</summary>
    public const ushort ClassInternet = 1;

    /// <summary>Found, possibly nothing of this type.</summary>
    public const int CodeNoError = 0;

    /// <summary>SERVFAIL.</summary>
    public const int CodeFailed = 2;

    /// <summary>NXDOMAIN.</summary>
    public const int CodeNoName = 3;

    /// <summary>NOTIMP.</summary>
    public const int CodeNotImplemented = 4;

    /// <summary>REFUSED.</summary>
    public const int CodeRefused = 5;

    /// <summary>Bytes of a message over UDP that everybody takes.</summary>
    public const int DatagramBytes = 512;

    private const int HeaderBytes = 12;
    private const int PointerMask = 0xC0;
    private const int MostPointers = 32;
    private const int MostRecords = 64;
    private const ushort Response = 0x8000;
    private const ushort OpcodeMask = 0x7800;
    private const ushort Truncated = 0x0200;
    private const ushort RecursionDesired = 0x0100;
    private const ushort RecursionAvailable = 0x0080;

    /// <summary>Writes a question.</summary>
    /// <exception cref="ArgumentException">The name has a label that is empty or longer than 63 bytes.</exception>
    public static byte[] Ask(ushort id, string name, ushort type)
    {
        byte[] message = new byte[HeaderBytes + name.Length + 2 + 4];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), 1);
        int at = WriteName(message, HeaderBytes, name);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at), type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 2), ClassInternet);
        return message;
    }

    /// <summary>Reads a question; null for what is none: an answer, another opcode, not exactly one question, a name that is none.</summary>
    public static DnsQuestion? ReadQuestion(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderBytes
            || (BinaryPrimitives.ReadUInt16BigEndian(message[2..]) & (Response | OpcodeMask)) != 0
            || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
        {
            return null;
        }

        int at = HeaderBytes;
        return ReadName(message, ref at) is { } name && at + 4 <= message.Length
            ? new(BinaryPrimitives.ReadUInt16BigEndian(message), name, BinaryPrimitives.ReadUInt16BigEndian(message[at..]), BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]))
            : null;
    }

    /// <summary>Writes an answer: at most 16 addresses, which always fit a datagram of 512 bytes.</summary>
    public static byte[] Answer(DnsQuestion question, int code, IReadOnlyList<IPAddress> addresses, uint seconds)
    {
        byte[] message = new byte[DatagramBytes];
        Span<byte> bytes = message;
        BinaryPrimitives.WriteUInt16BigEndian(bytes, question.Id);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)(Response | RecursionDesired | RecursionAvailable | (code & 0xF)));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], 1);
        int at = WriteName(message, HeaderBytes, question.Name);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[at..], question.Type);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[(at + 2)..], question.Class);
        at += 4;
        ushort count = 0;
        foreach (IPAddress address in addresses)
        {
            int length = address.AddressFamily == AddressFamily.InterNetwork ? 4 : 16;
            if (at + 12 + length > message.Length)
            {
                break;
            }

            BinaryPrimitives.WriteUInt16BigEndian(bytes[at..], (ushort)((PointerMask << 8) | HeaderBytes));
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(at + 2)..], question.Type);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(at + 4)..], ClassInternet);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(at + 6)..], seconds);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(at + 10)..], (ushort)length);
            address.TryWriteBytes(bytes[(at + 12)..], out _);
            at += 12 + length;
            count++;
        }

        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], count);
        return message[..at];
    }

    /// <summary>Reads the answer to a question; null where it is none, or the answer to another.</summary>
    public static DnsAnswer? ReadAnswer(ReadOnlySpan<byte> message, DnsQuestion question)
    {
        if (message.Length < HeaderBytes || BinaryPrimitives.ReadUInt16BigEndian(message) != question.Id || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
        {
            return null;
        }

        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        int at = HeaderBytes;
        if ((flags & Response) == 0 || ReadName(message, ref at) != question.Name || at + 4 > message.Length || BinaryPrimitives.ReadUInt16BigEndian(message[at..]) != question.Type)
        {
            return null;
        }

        at += 4;
        List<IPAddress> addresses = [];
        uint seconds = uint.MaxValue;
        int records = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        for (int i = 0; i < Math.Min(records, MostRecords); i++)
        {
            if (ReadName(message, ref at) is null || at + 10 > message.Length)
            {
                return (flags & Truncated) != 0 ? new(flags & 0xF, [], 0, true) : null;
            }

            ushort type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]), kind = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            uint life = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (at + length > message.Length)
            {
                return (flags & Truncated) != 0 ? new(flags & 0xF, [], 0, true) : null;
            }

            if (type == question.Type && kind == ClassInternet && length == (type == TypeA ? 4 : 16) && addresses.Count < BoundaryLimits.NetAddresses)
            {
                addresses.Add(new IPAddress(message.Slice(at, length)));
            }

            seconds = Math.Min(seconds, life);
            at += length;
        }

        return new(flags & 0xF, addresses, addresses.Count == 0 ? 0 : seconds, (flags & Truncated) != 0);
    }

    private static int WriteName(byte[] message, int at, string name)
    {
        foreach (string label in name.Length == 0 ? [] : name.Split('.'))
        {
            if (label.Length is 0 or > 63)
            {
                throw new ArgumentException("a label is empty or longer than 63 bytes", nameof(name));
            }

            message[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, message.AsSpan(at));
        }

        message[at++] = 0;
        return at;
    }

    /// <summary>Reads a name with its pointers and moves behind it; null where it is none. A dot or other odd byte inside a label is none either.</summary>
    private static string? ReadName(ReadOnlySpan<byte> message, ref int at)
    {
        StringBuilder name = new();
        int position = at, pointers = 0;
        bool jumped = false;
        while (position < message.Length)
        {
            int length = message[position++];
            if (length == 0)
            {
                at = jumped ? at : position;
                return name.ToString();
            }

            if ((length & PointerMask) == PointerMask)
            {
                if (position >= message.Length || ++pointers > MostPointers)
                {
                    return null;
                }

                int target = ((length & ~PointerMask) << 8) | message[position++];
                at = jumped ? at : position;
                jumped = true;
                position = target;
                continue;
            }

            if (length > 63 || position + length > message.Length || name.Length + length + 1 > BoundaryLimits.NetNameBytes + 1)
            {
                return null;
            }

            name.Append(name.Length > 0 ? "." : "");
            foreach (byte letter in message.Slice(position, length))
            {
                if (letter is <= 0x20 or >= 0x7F or (byte)'.')
                {
                    return null;
                }

                name.Append(char.ToLowerInvariant((char)letter));
            }

            position += length;
        }

        return null;
    }
}
