using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pavise.Session.Protocol;

/// <summary>How decisions are chained: the guest writes it, the owner hashes it again.</summary>
public static class AuditChain
{
    /// <summary>SHA-256 over: the head before, sequence and time (u64 little-endian), and each text in UTF-8 after its length (u32 little-endian).</summary>
    /// <param name="before">The head before; 32 zeros at the beginning.</param>
    /// <param name="sequence">From 1.</param>
    /// <param name="unixMs">When.</param>
    /// <param name="texts">Decision point, <c>permitted</c> or <c>refused</c>, subject, rule, reason, hint.</param>
    public static byte[] Next(ReadOnlySpan<byte> before, ulong sequence, long unixMs, params ReadOnlySpan<string> texts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(number, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(number[8..], unixMs);
        hash.AppendData(before);
        hash.AppendData(number);
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(number, bytes.Length);
            hash.AppendData(number[..4]);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Checks what a guest showed: each entry's hash, that entries which follow each other join, and that the last joins the head.</summary>
    /// <returns>What is wrong, one line each; empty when all holds.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyList<AuditRecord> entries, ReadOnlySpan<byte> head, ulong sequence)
    {
        List<string> problems = [];
        ReadOnlySpan<byte> last = new byte[SHA256.HashSizeInBytes];
        ulong number = 0;
        foreach (AuditRecord e in entries)
        {
            if (e.Sequence <= number || e.Sequence > sequence)
            {
                problems.Add($"entry {e.Sequence} stands after entry {number} of {sequence}");
            }
            else if (e.Sequence == number + 1 && !e.Before.Span.SequenceEqual(last))
            {
                problems.Add($"entry {e.Sequence} does not follow entry {number}");
            }

            if (!e.Cut && !e.After.Span.SequenceEqual(Next(e.Before.Span, e.Sequence, e.UnixMs, e.Point, e.Permitted ? "permitted" : "refused", e.Subject, e.Rule, e.Reason, e.Hint)))
            {
                problems.Add($"entry {e.Sequence} is not what was chained");
            }

            last = e.After.Span;
            number = e.Sequence;
        }

        if (number == sequence && !last.SequenceEqual(head))
        {
            problems.Add("the last entry does not lead to the head");
        }

        return problems;
    }
}
