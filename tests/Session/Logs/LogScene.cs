using System.Security.Cryptography;
using System.Text;
using Pavise.Session.Logs;

namespace Pavise.Session.Tests.Logs;

/// <summary>A boot with its key, an owner, and what a reader told.</summary>
internal sealed class LogScene : ILogSigner, ILogOrigin, ILogReport, IDisposable
{
    private readonly ECDsa boot = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public LogScene(ECCurve? curve = null)
    {
        Owner = ECDiffieHellman.Create(curve ?? ECCurve.NamedCurves.nistP384);
        Certificate = boot.ExportSubjectPublicKeyInfo();
        Boot = Convert.ToHexStringLower(SHA256.HashData(Certificate.Span));
    }

    public ECDiffieHellman Owner { get; }

    /// <summary>In these tests a certificate is its key: what else it holds, others verify.</summary>
    public ReadOnlyMemory<byte> Certificate { get; }

    public string Boot { get; }

    /// <summary>Certificates that the owner accepts beside this boot's.</summary>
    public List<LogScene> Others { get; } = [];

    public List<(LogProblem Problem, string Message)> Problems { get; } = [];

    public StringBuilder Read { get; } = new();

    public int Begun { get; private set; }

    public IEnumerable<LogProblem> Kinds => Problems.Select(p => p.Problem);

    public static LogStreamInfo Info(int run = 1, string stream = "stdout", long began = 1) => new(new string('a', 64), "redis", "c1", run, "", stream, began);

    public SealedLogWriter Writer(LogStreamInfo? info = null, params byte[][] further) => new(info ?? Info(), [Owner.ExportSubjectPublicKeyInfo(), .. further], this, TimeProvider.System);

    public SealedLogReader Reader(ECDiffieHellman? key = null, string? pinned = null) => new(key ?? Owner, this, this) { Boot = pinned };

    /// <summary>The lines of several writes, and the closing record.</summary>
    public List<string> Lines(LogStreamInfo info, params string[] writes)
    {
        using SealedLogWriter writer = Writer(info);
        List<string> lines = [];
        foreach (string text in writes)
        {
            lines.AddRange(Split(writer.Seal(Encoding.UTF8.GetBytes(text))));
        }

        lines.AddRange(Split(writer.End()));
        return lines;
    }

    public static string[] Split(ReadOnlyMemory<byte> lines) => Encoding.ASCII.GetString(lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Reads lines with a new reader.</summary>
    public LogScene Open(IEnumerable<string> lines, ECDiffieHellman? key = null, string? pinned = null)
    {
        SealedLogReader reader = Reader(key, pinned);
        foreach (string line in lines)
        {
            reader.Line(line);
        }

        reader.End();
        return this;
    }

    byte[] ILogSigner.Sign(ReadOnlySpan<byte> message) => boot.SignData(message, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    (ReadOnlyMemory<byte> PublicKey, string? Refusal) ILogOrigin.Verify(ReadOnlyMemory<byte> certificate) =>
        (certificate, Others.Append(this).Any(s => s.Certificate.Span.SequenceEqual(certificate.Span)) ? null : "measurement (failed)");

    void ILogReport.Begins(LogStreamInfo stream, string boot, ulong next) => Begun++;

    void ILogReport.Text(LogStreamInfo stream, long unixMs, ReadOnlySpan<byte> text) => Read.Append(Encoding.Latin1.GetString(text));

    void ILogReport.Problem(LogProblem problem, string message) => Problems.Add((problem, message));

    public void Dispose()
    {
        boot.Dispose();
        Owner.Dispose();
    }
}
