using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pavise.Session.Logs;

/// <summary>
/// The record format. A record is: sequence number (u64 big-endian, from 1), chain before it (16 bytes), ciphertext, tag (16 bytes). AES-256-GCM with the stream's
/// key; the nonce is four zero bytes and the sequence number, used once since a key is of one stream; associated data are the stream's name, number and chain. The
/// chain after a record is SHA-256(chain before, record), cut to 16 bytes. The plaintext is: time (i64, milliseconds since 1970), kind (u8), length (u16), text,
/// zeros up to a multiple of <see cref="LogLimits.PaddingBytes"/>.
/// </summary>
internal static class LogChain
{
    public const int Bytes = 16, TagBytes = 16, NumberBytes = 8;
    public const int HeadBytes = NumberBytes + Bytes;
    public const int PlainHeadBytes = 11;

    /// <summary>The largest record.</summary>
    public static readonly int MostBytes = HeadBytes + PlainBytes(LogLimits.TextBytes) + TagBytes;

    /// <summary>Chain of a stream in which nothing was written.</summary>
    public static byte[] First(string stream) => SHA256.HashData(Encoding.ASCII.GetBytes("pavise-log-chain-v1\0" + stream))[..Bytes];

    /// <summary>Bytes of the plaintext for so many bytes of text.</summary>
    public static int PlainBytes(int text) => (PlainHeadBytes + text + LogLimits.PaddingBytes - 1) / LogLimits.PaddingBytes * LogLimits.PaddingBytes;

    /// <summary>Moves the chain over a record.</summary>
    public static void Advance(Span<byte> chain, ReadOnlySpan<byte> record)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(chain);
        hash.AppendData(record);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        digest[..Bytes].CopyTo(chain);
    }

    public static void Nonce(ulong sequence, Span<byte> nonce)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], sequence);
    }

    /// <summary>Associated data: the stream's name, then the record's head.</summary>
    public static int Associated(ReadOnlySpan<byte> streamName, ReadOnlySpan<byte> head, Span<byte> data)
    {
        streamName.CopyTo(data);
        head.CopyTo(data[streamName.Length..]);
        return streamName.Length + head.Length;
    }
}

/// <summary>Kinds of records.</summary>
internal enum LogRecordKind : byte
{
    /// <summary>Text of the process.</summary>
    Text = 0,

    /// <summary>The stream has ended; nothing follows.</summary>
    End = 1,
}
