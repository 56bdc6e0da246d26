using System.Security.Cryptography;

namespace Pavise.Session.Logs;

/// <summary>
/// Opens sealed logs, line by line, whatever streams are mixed in them. Hostile input makes it report, never throw. Text is given out as soon as its record holds;
/// what is wrong with the order is reported beside it.
/// </summary>
/// <param name="sealKey">The owner's private sealing key.</param>
/// <param name="origin">Judges certificates.</param>
/// <param name="report">Is told everything.</param>
public sealed class SealedLogReader(ECDiffieHellman sealKey, ILogOrigin origin, ILogReport report)
{
    private readonly Dictionary<string, OpenLogStream> streams = [];
    private readonly Dictionary<string, HeaderParts> parts = [];
    private readonly Dictionary<string, (string Boot, ReadOnlyMemory<byte> Key, string? Refusal)> certificates = [];
    private readonly Dictionary<string, string> runs = [];
    private readonly string keyId = SealedStreamKey.IdOf(sealKey.ExportSubjectPublicKeyInfo());
    private readonly HashSet<string> refused = [];
    private string newestBoot = "";
    private long newestBegan = long.MinValue;

    /// <summary>The boot that must have made the log; null: any whose evidence holds.</summary>
    public string? Boot { get; init; }

    /// <summary>The container that must have made it; null: any.</summary>
    public string? Container { get; init; }

    /// <summary>One line of a log, in whatever format holds it. See <see cref="LogEnvelope"/>.</summary>
    public void Line(ReadOnlySpan<char> line)
    {
        if (LogEnvelope.FindSealed(line) is not { } text)
        {
            if (!line.Trim().IsEmpty)
            {
                report.Problem(LogProblem.Unsealed, $"a line of {line.Length} characters is not sealed");
            }

            return;
        }

        try
        {
            LogLine parsed = LogLine.Parse(text);
            if (parsed.IsHeader)
            {
                Header(parsed);
            }
            else
            {
                Record(parsed);
            }
        }
        catch (SessionFormatException e)
        {
            report.Problem(LogProblem.Malformed, e.Message);
        }
    }

    /// <summary>The input ended: reports what is missing for good.</summary>
    public void End()
    {
        if (streams.Count == 0 && refused.Count == 0)
        {
            report.Problem(LogProblem.NoHeader, "nothing in it is a sealed stream");
        }

        foreach (OpenLogStream stream in streams.Values)
        {
            stream.Finish(report);
        }
    }

    private void Header(LogLine line)
    {
        if (!parts.TryGetValue(line.Stream, out HeaderParts? collected) || collected.Parts != line.Parts || line.Part == 1)
        {
            if (parts.Count >= LogLimits.Streams)
            {
                parts.Clear();
            }

            parts[line.Stream] = collected = new(line.Parts);
        }

        if (collected.Add(line.Part, line.Content) is { } whole)
        {
            parts.Remove(line.Stream);
            Header(line.Stream, whole);
        }
    }

    private void Header(string name, ReadOnlyMemory<byte> content)
    {
        if (content.Length <= LogHeader.SignatureBytes)
        {
            throw new SessionFormatException("a header is longer than its signature");
        }

        ReadOnlyMemory<byte> signed = content[LogHeader.SignatureBytes..];
        LogHeader header = LogHeader.Read(signed);
        if (Forgery(name, header, signed, content[..LogHeader.SignatureBytes]) is { } forged)
        {
            Refuse(name, LogProblem.Forged, forged);
        }
        else if (Replay(header) is { } replayed)
        {
            Refuse(name, LogProblem.Replayed, replayed);
        }
        else if (streams.TryGetValue(name, out OpenLogStream? open))
        {
            open.Again(header, report);
        }
        else if (header.Owners.FirstOrDefault(o => o.KeyId == keyId)?.Open(sealKey, name) is not { } key)
        {
            Refuse(name, LogProblem.WrongKey, $"{header.Describe()}: sealed to other keys than this owner's");
        }
        else if (streams.Count >= LogLimits.Streams)
        {
            Refuse(name, LogProblem.Malformed, $"more than {LogLimits.Streams} streams in one log");
        }
        else
        {
            streams.Add(name, new OpenLogStream(header, key));
            CryptographicOperations.ZeroMemory(key);
            refused.Remove(name);
            report.Begins(header.Info, header.Boot, header.Next);
        }
    }

    private void Record(LogLine line)
    {
        if (streams.TryGetValue(line.Stream, out OpenLogStream? open))
        {
            open.Record(line.Content, report);
        }
        else if (refused.Add(line.Stream))
        {
            report.Problem(LogProblem.NoHeader, "records came without their header: they cannot be opened until it stands again");
        }
    }

    /// <summary>Why a header is not of an accepted pVM, or null.</summary>
    private string? Forgery(string name, LogHeader header, ReadOnlyMemory<byte> signed, ReadOnlyMemory<byte> signature)
    {
        string id = Convert.ToHexString(SHA256.HashData(header.Certificate.Span));
        if (!certificates.TryGetValue(id, out (string Boot, ReadOnlyMemory<byte> Key, string? Refusal) known))
        {
            (ReadOnlyMemory<byte> key, string? refusal) = origin.Verify(header.Certificate);
            known = (Convert.ToHexStringLower(SHA256.HashData(key.Span)), key, refusal);
            if (certificates.Count >= LogLimits.Streams)
            {
                certificates.Clear();
            }

            certificates.Add(id, known);
        }

        return known.Refusal is { } why ? $"the evidence of its boot is refused: {why}"
            : header.Stream != name || header.Boot != known.Boot ? "the header is of another stream or boot than its line says"
            : !LogHeader.Holds(known.Key.Span, signed.Span, signature.Span) ? "the header is not signed by the attested boot key"
            : Container is { } wanted && header.Info.Container != wanted ? $"it is a log of container {header.Info.Container}, not of {wanted}"
            : null;
    }

    /// <summary>Why a genuine header has no place here, or null.</summary>
    private string? Replay(LogHeader header)
    {
        if (Boot is { } wanted && header.Boot != wanted)
        {
            return $"{header.Describe()}: another boot than {wanted}";
        }

        if (streams.ContainsKey(header.Stream))
        {
            return null;
        }

        if (newestBoot.Length > 0 && header.Boot != newestBoot && header.Info.BeganUnixMs < newestBegan)
        {
            return $"{header.Describe()}: of an earlier boot than what came before it";
        }

        string run = $"{header.Boot} {header.Info.Container} {header.Info.Run} {header.Info.Process} {header.Info.Stream}";
        if (runs.TryGetValue(run, out string? other) && other != header.Stream)
        {
            return $"{header.Describe()}: this run has a stream already";
        }

        runs[run] = header.Stream;
        (newestBoot, newestBegan) = (header.Boot, Math.Max(newestBegan, header.Info.BeganUnixMs));
        return null;
    }

    private void Refuse(string stream, LogProblem problem, string message)
    {
        refused.Add(stream);
        report.Problem(problem, message);
    }

    /// <summary>Parts of a header that have come.</summary>
    private sealed class HeaderParts(int parts)
    {
        private readonly byte[]?[] content = new byte[]?[parts];

        public int Parts => parts;

        public byte[]? Add(int part, byte[] bytes)
        {
            content[part - 1] = bytes;
            return content.All(c => c is not null) ? [.. content.SelectMany(c => c!)] : null;
        }
    }
}
