using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pavise.Session.Jose;

namespace Pavise.Session.Logs;

/// <summary>Seals one stream: bytes in, lines out. Not for several threads at once.</summary>
public sealed class SealedLogWriter : IDisposable
{
    private readonly LogStreamInfo info;
    private readonly ILogSigner signer;
    private readonly TimeProvider time;
    private readonly string stream = Base64Text.Encode(RandomNumberGenerator.GetBytes(16));
    private readonly byte[] streamName;
    private readonly byte[] recordHead;
    private readonly SealedStreamKey[] owners;
    private readonly AesGcm cipher;
    private readonly byte[] chain;
    private readonly byte[] record = new byte[LogChain.MostBytes];
    private readonly byte[] plain = new byte[LogChain.PlainBytes(LogLimits.TextBytes)];
    private readonly byte[] associated = new byte[LogLine.StreamChars + LogChain.HeadBytes];
    private byte[] output = new byte[4 * LogLimits.LineBytes];
    private int length;
    private ulong sequence = 1;
    private int recordsSinceHeader = LogLimits.RecordsPerHeader;
    private int bytesSinceHeader;
    private bool ended;

    /// <param name="info">Which stream it is.</param>
    /// <param name="sealKeys">Keys of the owners that can read it, SubjectPublicKeyInfo; at least one.</param>
    /// <param name="signer">Signs for this boot.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">Nobody could read it.</exception>
    public SealedLogWriter(LogStreamInfo info, IReadOnlyList<byte[]> sealKeys, ILogSigner signer, TimeProvider time)
    {
        if (sealKeys.Count is 0 or > LogLimits.Owners)
        {
            throw new ArgumentException($"a log is sealed to 1 to {LogLimits.Owners} owners", nameof(sealKeys));
        }

        (this.info, this.signer, this.time) = (info, signer, time);
        streamName = Encoding.ASCII.GetBytes(stream);
        recordHead = Encoding.ASCII.GetBytes($"{LogLine.Magic}r.{stream}.");
        byte[] key = RandomNumberGenerator.GetBytes(SealedStreamKey.KeyBytes);
        owners = [.. sealKeys.Select(k => SealedStreamKey.Seal(k, stream, key))];
        cipher = new AesGcm(key, LogChain.TagBytes);
        CryptographicOperations.ZeroMemory(key);
        chain = LogChain.First(stream);
    }

    /// <summary>Seals text into complete lines. Each call's text can be read from its lines alone: nothing waits for more.</summary>
    /// <returns>The lines; valid until the next call.</returns>
    public ReadOnlyMemory<byte> Seal(ReadOnlySpan<byte> text)
    {
        length = 0;
        while (!text.IsEmpty)
        {
            int most = Cut(text);
            Add(LogRecordKind.Text, text[..most]);
            text = text[most..];
        }

        return output.AsMemory(0, length);
    }

    /// <summary>Ends the stream: the closing record. Nothing can be sealed after it.</summary>
    public ReadOnlyMemory<byte> End()
    {
        length = 0;
        if (!ended)
        {
            Add(LogRecordKind.End, []);
            ended = true;
        }

        return output.AsMemory(0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cipher.Dispose();
        CryptographicOperations.ZeroMemory(plain);
    }

    /// <summary>As much as a record holds; whole lines where some fit.</summary>
    private static int Cut(ReadOnlySpan<byte> text)
    {
        if (text.Length <= LogLimits.TextBytes)
        {
            return text.Length;
        }

        int line = text[..LogLimits.TextBytes].LastIndexOf((byte)'\n') + 1;
        return line > 0 ? line : LogLimits.TextBytes;
    }

    private void Add(LogRecordKind kind, ReadOnlySpan<byte> text)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        if (recordsSinceHeader >= LogLimits.RecordsPerHeader || bytesSinceHeader >= LogLimits.BytesPerHeader)
        {
            AddHeader();
        }

        int plainBytes = LogChain.PlainBytes(text.Length);
        Span<byte> content = plain.AsSpan(0, plainBytes);
        BinaryPrimitives.WriteInt64BigEndian(content, time.GetUtcNow().ToUnixTimeMilliseconds());
        content[8] = (byte)kind;
        BinaryPrimitives.WriteUInt16BigEndian(content[9..], (ushort)text.Length);
        text.CopyTo(content[LogChain.PlainHeadBytes..]);
        content[(LogChain.PlainHeadBytes + text.Length)..].Clear();

        Span<byte> whole = record.AsSpan(0, LogChain.HeadBytes + plainBytes + LogChain.TagBytes);
        BinaryPrimitives.WriteUInt64BigEndian(whole, sequence);
        chain.CopyTo(whole[LogChain.NumberBytes..]);
        Span<byte> nonce = stackalloc byte[12];
        LogChain.Nonce(sequence, nonce);
        int associatedBytes = LogChain.Associated(streamName, whole[..LogChain.HeadBytes], associated);
        cipher.Encrypt(nonce, content, whole.Slice(LogChain.HeadBytes, plainBytes), whole[^LogChain.TagBytes..], associated.AsSpan(0, associatedBytes));
        LogChain.Advance(chain, whole);
        sequence++;
        recordsSinceHeader++;
        bytesSinceHeader += AddLine(recordHead, whole);
    }

    private void AddHeader()
    {
        byte[] header = new LogHeader(info, signer.Boot, stream, sequence, [.. chain], owners, signer.Certificate).Write();
        byte[] content = [.. signer.Sign(LogHeader.Signed(header)), .. header];
        int partBytes = LogChain.MostBytes - LogChain.HeadBytes;
        int parts = (content.Length + partBytes - 1) / partBytes;
        for (int part = 1; part <= parts; part++)
        {
            byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{LogLine.Magic}h.{stream}.{part}.{parts}."));
            AddLine(head, content.AsSpan(((part - 1) * partBytes)..Math.Min(part * partBytes, content.Length)));
        }

        recordsSinceHeader = 0;
        bytesSinceHeader = 0;
    }

    private int AddLine(ReadOnlySpan<byte> head, ReadOnlySpan<byte> content)
    {
        int most = head.Length + Base64Url.GetEncodedLength(content.Length) + 1;
        if (output.Length - length < most)
        {
            Array.Resize(ref output, Math.Max(output.Length * 2, length + most));
        }

        Span<byte> line = output.AsSpan(length);
        head.CopyTo(line);
        int written = head.Length + Base64Url.EncodeToUtf8(content, line[head.Length..]);
        line[written++] = (byte)'\n';
        length += written;
        return written;
    }
}
