using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Store;
using Pavise.Session;
using Pavise.Session.Admin;

namespace Pavise.KeyBroker.Auditing;

/// <summary>
/// The audit: entries chained by hash, written in the transaction of what they tell of. The end is kept apart under a MAC of the vault, so that a cut at the end
/// shows too; only putting the whole database back to an older state needs the owner's memory (<c>pavise kb audit verify</c> keeps the last end it saw).
/// </summary>
internal sealed class AuditLog(IBrokerStore store, Vault vault, TimeProvider clock, ILogger<AuditLog> log)
{
    private const string EndSetting = "audit-end";

    /// <summary>Told of each entry that was written, after its commit.</summary>
    public event Action<string>? Written;

    /// <summary>Writes an entry in a transaction.</summary>
    /// <param name="change">The transaction.</param>
    /// <param name="kind">What happened: attested, refused, released, …</param>
    /// <param name="content">Writes the entry's own members.</param>
    /// <returns>The entry's text, for <see cref="Announce"/>.</returns>
    public string Append(IStoreChange change, string kind, Action<Utf8JsonWriter> content)
    {
        (long sequence, byte[] previous) = End(change);
        string text = Encoding.UTF8.GetString(SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("seq", sequence + 1);
            json.WriteNumber("ms", clock.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteString("kind", kind);
            content(json);
            json.WriteEndObject();
        }));
        AuditRecord record = new(sequence + 1, text, AuditRecord.HashOf(previous, text));
        change.AppendAudit(record);
        change.SetSetting(EndSetting, EndValue(record.Sequence, record.Hash));
        return text;
    }

    /// <summary>Writes an entry alone.</summary>
    public async Task WriteAsync(string kind, Action<Utf8JsonWriter> content) => Announce(await store.ChangeAsync(change => Append(change, kind, content)));

    /// <summary>Tells listeners of an entry whose transaction was committed.</summary>
    public void Announce(string text)
    {
        AuditMessages.Entry(log, text);
        Written?.Invoke(text);
    }

    /// <summary>Checks the whole chain.</summary>
    /// <param name="known">An end that was seen before, or null: the chain must still contain it.</param>
    /// <returns>Null when all is well, else what is wrong; and the end.</returns>
    public (string? Problem, AuditRecord? End) Verify((long Sequence, byte[] Hash)? known) => store.Read(view =>
    {
        AuditRecord last = new(0, "", AuditRecord.Beginning);
        while (view.Audit(last.Sequence + 1, 1000) is { Count: > 0 } records)
        {
            foreach (AuditRecord record in records)
            {
                if (AuditRecord.Follows(last.Sequence, last.Hash, record) is { } problem)
                {
                    return (problem, record);
                }

                if (known is { } k && k.Sequence == record.Sequence && !k.Hash.AsSpan().SequenceEqual(record.Hash))
                {
                    return ($"entry {record.Sequence} is not the one that was seen before: the audit was written anew", record);
                }

                last = record;
            }
        }

        return (known is { } seen && seen.Sequence > last.Sequence ? $"the audit ends at {last.Sequence}, but {seen.Sequence} was seen before: it was cut, or the database was put back"
            : view.Setting(EndSetting) is { } end && !CryptographicOperations.FixedTimeEquals(end, EndValue(last.Sequence, last.Hash)) ? $"the audit ends at {last.Sequence}, which is not the end that the broker wrote: it was cut or forged"
            : view.Setting(EndSetting) is null && last.Sequence > 0 ? "the broker's own mark of the end is missing"
            : null, last);
    });

    // The end of the chain, which must be the one that this broker wrote: a chain that somebody else continued or cut is not continued.
    private (long, byte[]) End(IStoreChange change)
    {
        AuditRecord end = change.AuditEnd() ?? new(0, "", AuditRecord.Beginning);
        byte[]? mark = change.Setting(EndSetting);
        return (mark is null && end.Sequence == 0) || (mark is not null && CryptographicOperations.FixedTimeEquals(mark, EndValue(end.Sequence, end.Hash)))
            ? (end.Sequence, end.Hash)
            : throw new InvalidDataException("the audit's end is not the one that this broker wrote: the database was changed by somebody else; nothing is released before: pavise-keybroker audit verify");
    }

    private byte[] EndValue(long sequence, byte[] hash)
    {
        byte[] data = new byte[8 + hash.Length];
        BinaryPrimitives.WriteInt64BigEndian(data, sequence);
        hash.CopyTo(data, 8);
        return [.. data, .. vault.Mac(data)];
    }
}
