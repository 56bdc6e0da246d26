using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pavise.Session.Logs;

/// <summary>One stream whose key is known: opens its records and keeps account of their order.</summary>
internal sealed class OpenLogStream(LogHeader header, byte[] key)
{
    private readonly AesGcm cipher = new(key, LogChain.TagBytes);
    private readonly byte[] name = Encoding.ASCII.GetBytes(header.Stream);
    private readonly byte[] chain = [.. header.Chain];
    private readonly SortedList<ulong, ulong> missing = [];
    private readonly byte[] plain = new byte[LogChain.PlainBytes(LogLimits.TextBytes)];
    private ulong next = header.Next;
    private bool hasEnded;

    /// <summary>The header stands again.</summary>
    public void Again(LogHeader again, ILogReport report)
    {
        if (again.Info != header.Info)
        {
            report.Problem(LogProblem.Changed, $"{header.Describe()}: its header stands again with other values");
        }
        else if (again.Next < next)
        {
            report.Problem(LogProblem.Replayed, $"{header.Describe()}: its header at record {again.Next} came again, when record {next} was due");
        }
        else if (again.Next > next)
        {
            Missing(next, again.Next - 1, report);
            next = again.Next;
            again.Chain.CopyTo(chain, 0);
        }
        else if (!again.Chain.AsSpan().SequenceEqual(chain))
        {
            report.Problem(LogProblem.Changed, $"{header.Describe()}: what came before record {next} is not what was written");
        }
    }

    public void Record(ReadOnlySpan<byte> record, ILogReport report)
    {
        int plainBytes = record.Length - LogChain.HeadBytes - LogChain.TagBytes;
        if (plainBytes < LogChain.PlainHeadBytes || plainBytes > plain.Length)
        {
            throw new SessionFormatException("a record is too short or too long");
        }

        ulong sequence = BinaryPrimitives.ReadUInt64BigEndian(record);
        Span<byte> content = plain.AsSpan(0, plainBytes);
        if (!Holds(record, sequence, content))
        {
            report.Problem(LogProblem.Changed, $"{header.Describe()}: a record that says it is number {sequence} was changed, or is of another stream");
            return;
        }

        if (sequence < next && !Late(sequence))
        {
            report.Problem(LogProblem.Duplicate, $"{header.Describe()}: record {sequence} came again");
            return;
        }

        if (sequence < next)
        {
            report.Problem(LogProblem.Reordered, $"{header.Describe()}: record {sequence} came after record {next - 1}");
        }
        else
        {
            InOrder(record, sequence, report);
        }

        Deliver(content, sequence, report);
    }

    public void Finish(ILogReport report)
    {
        foreach ((ulong first, ulong last) in missing)
        {
            report.Problem(LogProblem.Gap, $"{header.Describe()}: {Range(first, last)} never came");
        }

        if (!hasEnded)
        {
            report.Problem(LogProblem.NoEnd, $"{header.Describe()}: no closing record: the process still runs, or what it wrote after record {next - 1} was cut off");
        }
    }

    private void InOrder(ReadOnlySpan<byte> record, ulong sequence, ILogReport report)
    {
        ReadOnlySpan<byte> before = record.Slice(LogChain.NumberBytes, LogChain.Bytes);
        if (sequence > next)
        {
            Missing(next, sequence - 1, report);
            before.CopyTo(chain);
        }
        else if (!before.SequenceEqual(chain))
        {
            report.Problem(LogProblem.Changed, $"{header.Describe()}: what came before record {sequence} is not what was written");
            before.CopyTo(chain);
        }

        LogChain.Advance(chain, record);
        next = sequence + 1;
    }

    private void Deliver(ReadOnlySpan<byte> content, ulong sequence, ILogReport report)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(content[9..]);
        if (length > content.Length - LogChain.PlainHeadBytes)
        {
            report.Problem(LogProblem.Malformed, $"{header.Describe()}: record {sequence} says that it is longer than it is");
        }
        else if (content[8] == (byte)LogRecordKind.End)
        {
            hasEnded = true;
        }
        else
        {
            if (hasEnded && missing.Count == 0)
            {
                report.Problem(LogProblem.Changed, $"{header.Describe()}: record {sequence} came after the closing record");
            }

            report.Text(header.Info, BinaryPrimitives.ReadInt64BigEndian(content), content.Slice(LogChain.PlainHeadBytes, length));
        }
    }

    private bool Holds(ReadOnlySpan<byte> record, ulong sequence, Span<byte> content)
    {
        Span<byte> nonce = stackalloc byte[12];
        LogChain.Nonce(sequence, nonce);
        Span<byte> associated = stackalloc byte[LogLine.StreamChars + LogChain.HeadBytes];
        int bytes = LogChain.Associated(name, record[..LogChain.HeadBytes], associated);
        try
        {
            cipher.Decrypt(nonce, record[LogChain.HeadBytes..^LogChain.TagBytes], record[^LogChain.TagBytes..], content, associated[..bytes]);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private void Missing(ulong first, ulong last, ILogReport report)
    {
        report.Problem(LogProblem.Gap, $"{header.Describe()}: {Range(first, last)} {(first == last ? "is" : "are")} missing here");
        if (missing.Count < LogLimits.MissingRanges)
        {
            missing[first] = last;
        }
    }

    /// <summary>Whether the record is one of those that were missing; it is not any more.</summary>
    private bool Late(ulong sequence)
    {
        for (int i = 0; i < missing.Count; i++)
        {
            (ulong first, ulong last) = (missing.GetKeyAtIndex(i), missing.GetValueAtIndex(i));
            if (sequence < first || sequence > last)
            {
                continue;
            }

            missing.RemoveAt(i);
            if (first < sequence)
            {
                missing[first] = sequence - 1;
            }

            if (sequence < last)
            {
                missing[sequence + 1] = last;
            }

            return true;
        }

        return false;
    }

    private static string Range(ulong first, ulong last) => first == last ? $"record {first}" : $"records {first} to {last}";
}
