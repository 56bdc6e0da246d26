using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pavise.Session.Admin;

/// <summary>
/// An entry of a broker's audit. The text is JSON <c>{"seq","ms","kind",…}</c>; the hash is SHA-256 of the previous entry's hash (32 zero bytes before the first) and the
/// text, so that an entry cannot be changed, removed or put in between without changing every later hash.
/// </summary>
/// <param name="Sequence">1, 2, 3, …</param>
/// <param name="Text">JSON, the exact bytes that are hashed.</param>
/// <param name="Hash">32 bytes.</param>
public sealed record AuditRecord(long Sequence, string Text, byte[] Hash)
{
    /// <summary>What stands before the first entry.</summary>
    public static byte[] Beginning { get; } = new byte[32];

    /// <summary>The hash of an entry.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> previous, string text)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        return hash.GetHashAndReset();
    }

    /// <summary>Checks that a record follows another: sequence, hash, and that its text says its sequence.</summary>
    /// <returns>Null when it does, else what is wrong.</returns>
    public static string? Follows(long previousSequence, ReadOnlySpan<byte> previousHash, AuditRecord record)
    {
        if (record.Sequence != previousSequence + 1)
        {
            return $"after entry {previousSequence} comes {record.Sequence}: entries are missing or in another order";
        }

        if (!HashOf(previousHash, record.Text).AsSpan().SequenceEqual(record.Hash))
        {
            return $"the hash of entry {record.Sequence} is not that of its text and the entry before: one of them was changed";
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(record.Text);
            return document.RootElement.GetProperty("seq").GetInt64() == record.Sequence ? null : $"entry {record.Sequence} says that it is another one";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return $"entry {record.Sequence} is malformed";
        }
    }
}
