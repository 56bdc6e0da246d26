using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Pavise.Session.Logs;

namespace Pavise.Eval.Sessions;

/// <summary>Sealing and opening alone: no process, no pipe.</summary>
internal sealed class Sealing : ILogSigner, ILogOrigin, ILogReport
{
    private const int Lines = 256 * 1024, LineBytes = 1024, ReadBytes = 64 * 1024;

    private readonly ECDsa boot = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private long read;

    private Sealing() => Certificate = boot.ExportSubjectPublicKeyInfo();

    public ReadOnlyMemory<byte> Certificate { get; }

    public string Boot => Convert.ToHexStringLower(SHA256.HashData(Certificate.Span));

    /// <summary>MB of text a second: sealed, opened. Lines of 1 KiB, in pieces as a pipe gives them.</summary>
    public static (double Sealed, double Opened) Measure()
    {
        Sealing scene = new();
        using ECDiffieHellman owner = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        byte[] text = new byte[ReadBytes];
        Array.Fill(text, (byte)'x');
        for (int i = LineBytes - 1; i < text.Length; i += LineBytes)
        {
            text[i] = (byte)'\n';
        }

        using SealedLogWriter writer = new(new LogStreamInfo(new string('a', 64), "main", "c", 1, "", "stdout", 1), [owner.ExportSubjectPublicKeyInfo()], scene, TimeProvider.System);
        List<string> sample = [];
        Stopwatch clock = Stopwatch.StartNew();
        for (long done = 0; done < (long)Lines * LineBytes; done += text.Length)
        {
            ReadOnlyMemory<byte> lines = writer.Seal(text);
            if (sample.Count < 4096)
            {
                sample.AddRange(Encoding.ASCII.GetString(lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }
        }

        double sealing = Lines * (double)LineBytes / 1e6 / clock.Elapsed.TotalSeconds;
        SealedLogReader reader = new(owner, scene, scene);
        clock.Restart();
        sample.ForEach(l => reader.Line(l));
        return (sealing, scene.read / 1e6 / clock.Elapsed.TotalSeconds);
    }

    byte[] ILogSigner.Sign(ReadOnlySpan<byte> message) => boot.SignData(message, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    (ReadOnlyMemory<byte> PublicKey, string? Refusal) ILogOrigin.Verify(ReadOnlyMemory<byte> certificate) => (certificate, null);

    void ILogReport.Begins(LogStreamInfo stream, string boot, ulong next)
    {
    }

    void ILogReport.Text(LogStreamInfo stream, long unixMs, ReadOnlySpan<byte> text) => read += text.Length;

    void ILogReport.Problem(LogProblem problem, string message) => throw new InvalidOperationException(message);
}
