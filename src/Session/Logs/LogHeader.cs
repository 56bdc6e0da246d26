using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Logs;

/// <summary>
/// What begins a stream, and stands again now and then: who it is, the stream's key sealed to each owner, the state of the chain, and the certificate with
/// evidence. On the wire the JSON of <see cref="Write"/> behind its signature (96 bytes) by the certificate's key over <see cref="Signed"/>.
/// </summary>
internal sealed record LogHeader(LogStreamInfo Info, string Boot, string Stream, ulong Next, byte[] Chain, IReadOnlyList<SealedStreamKey> Owners, ReadOnlyMemory<byte> Certificate)
{
    public const int SignatureBytes = 96;
    private const int Version = 1, CertificateBytes = 256 * 1024, NameChars = 256;

    private static ReadOnlySpan<byte> Label => "pavise-log-header-v1\0"u8;

    /// <summary>What is signed: a label that no other purpose of the boot key has, then the header.</summary>
    public static byte[] Signed(ReadOnlySpan<byte> header) => [.. Label, .. header];

    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("policy", Info.PolicySha256Hex);
        json.WriteString("boot", Boot);
        json.WriteString("container", Info.Container);
        json.WriteString("containerId", Info.ContainerId);
        json.WriteNumber("run", Info.Run);
        json.WriteString("process", Info.Process);
        json.WriteString("stream", Info.Stream);
        json.WriteNumber("began", Info.BeganUnixMs);
        json.WriteString("name", Stream);
        json.WriteNumber("next", Next);
        json.WriteString("chain", Base64Text.Encode(Chain));
        json.WriteStartArray("owners");
        foreach (SealedStreamKey owner in Owners)
        {
            json.WriteStartObject();
            json.WriteString("key", owner.KeyId);
            json.WriteString("epk", Base64Text.Encode(owner.Ephemeral));
            json.WriteString("sealed", Base64Text.Encode(owner.Wrapped));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("certificate", Base64Text.Encode(Certificate.Span));
        json.WriteEndObject();
    });

    /// <exception cref="SessionFormatException">The bytes are no header.</exception>
    public static LogHeader Read(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, LogLimits.HeaderBytes, "a log's header", root =>
    {
        if (root.GetProperty("version").GetInt32() != Version)
        {
            throw new SessionFormatException($"a log's header has version {Version}");
        }

        LogStreamInfo info = new(
            root.Text("policy", 64), root.Text("container", NameChars), root.Text("containerId", NameChars), root.GetProperty("run").GetInt32(), root.Text("process", NameChars),
            root.Text("stream", 16) is "stdout" or "stderr" ? root.Text("stream", 16) : throw new SessionFormatException("stream of a log's header is stdout or stderr"),
            root.GetProperty("began").GetInt64());
        JsonElement owners = root.GetProperty("owners");
        return owners.GetArrayLength() > LogLimits.Owners ? throw new SessionFormatException($"a log has at most {LogLimits.Owners} owners") : new LogHeader(
            info,
            root.Text("boot", 64),
            root.Text("name", LogLine.StreamChars),
            root.GetProperty("next").GetUInt64(),
            Base64Text.Decode(root.Text("chain", 32), "chain") is { Length: LogChain.Bytes } chain ? chain : throw new SessionFormatException($"chain of a log's header has {LogChain.Bytes} bytes"),
            [.. owners.EnumerateArray().Select(o => new SealedStreamKey(o.Text("key", 64), Base64Text.Decode(o.Text("epk", 512), "epk"), Base64Text.Decode(o.Text("sealed", 64), "sealed")))],
            Base64Text.Decode(root.Text("certificate", CertificateBytes), "certificate"));
    });

    /// <summary>Whether the signature is by this key, SubjectPublicKeyInfo.</summary>
    public static bool Holds(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> header, ReadOnlySpan<byte> signature)
    {
        using ECDsa key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return key.KeySize == 384 && key.VerifyData(Signed(header), signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>For people.</summary>
    public string Describe() => new StringBuilder().Append(Info.Container).Append(Info.Process.Length > 0 ? $" exec {Info.Process}" : "").Append(' ').Append(Info.Stream)
        .Append(", run ").Append(Info.Run).Append(" of boot ").Append(Boot.AsSpan(0, Math.Min(16, Boot.Length))).ToString();
}
