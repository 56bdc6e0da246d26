using System.Text;
using CsCheck;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests;

/// <summary>Evidence and collateral, recorded and of synthetic platforms, with bytes changed anywhere, certificates inside a quote among them: refused, never another exception.</summary>
public sealed class FuzzTests
{
    private static readonly DateTimeOffset Now = new(2025, 7, 1, 0, 0, 0, TimeSpan.Zero);
    // Numbers, tags and lengths of DER.
    private static readonly byte[] Telling = [0, 1, 2, 3, 6, 0x0C, 0x17, 0x18, 0x30, 0x7F, 0x80, 0xFF];

    private static readonly long Rounds = long.TryParse(Environment.GetEnvironmentVariable("PAVISE_FUZZ"), out long n) ? n : 300;

    private static readonly Gen<(int Part, (double At, byte Value)[] Changes)> Damage =
        Gen.Select(Gen.Int[0, 5], Gen.Select(Gen.Double[0, 1], Gen.OneOf(Gen.Byte, Gen.Int[0, 11].Select(i => Telling[i]))).Array[1, 4]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_report_or_certificate_is_refused(bool recorded)
    {
        (byte[][] parts, PinnedRoots roots) = recorded ? RecordedReport() : SyntheticReport();
        Damage.Sample(
            d =>
            {
                byte[][] damaged = Changed(parts, d);
                return Accepts(TeeKind.Snp, damaged[0], new() { SnpCertificates = [.. damaged[1..].Select(c => (ReadOnlyMemory<byte>)c)] }, roots) == IsWhole(parts, damaged);
            },
            iter: Rounds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_quote_is_refused(bool recorded)
    {
        (byte[] quote, TdxCollateral tdx, PinnedRoots roots) = recorded ? RecordedQuote() : SyntheticQuote();
        int chain = quote.AsSpan().IndexOf("-----BEGIN"u8);
        byte[][] parts = [quote[..chain], .. Pem.Certificates(quote.AsSpan(chain)).Select(c => c.ToArray())];
        int tail = quote.Length - chain - Pem.Write(parts[1..].Select(p => (ReadOnlyMemory<byte>)p)).Length;
        Damage.Sample(
            d =>
            {
                byte[][] damaged = Changed(parts, d);
                byte[] whole = [.. damaged[0], .. Encoding.ASCII.GetBytes(Pem.Write(damaged[1..].Select(p => (ReadOnlyMemory<byte>)p))), .. new byte[tail]];
                return Accepts(TeeKind.Tdx, whole, new() { Tdx = tdx }, roots) == IsWhole(parts, damaged);
            },
            iter: Rounds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_collateral_gets_a_verdict(bool recorded)
    {
        (byte[] quote, TdxCollateral good, PinnedRoots roots) = recorded ? RecordedQuote() : SyntheticQuote();
        byte[][] parts = [good.TcbInfo.ToArray(), good.TcbInfoChain.ToArray(), good.QeIdentity.ToArray(), good.QeIdentityChain.ToArray(), good.PckCrl.ToArray(), good.RootCrl.ToArray()];
        Damage.Sample(
            d =>
            {
                byte[][] p = Changed(parts, d);

                // Another white space, or a digit's other case, would be damage without harm: whether it is refused is not asked.
                Accepts(TeeKind.Tdx, quote, new() { Tdx = new(p[0], p[1], p[2], p[3], p[4], p[5]) }, roots);
            },
            iter: Rounds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_JSON_of_evidence_is_evidence_or_refused(bool recorded)
    {
        (byte[][] report, PinnedRoots roots) = recorded ? ([], PinnedRoots.Vendors) : SyntheticReport();
        byte[][] parts = [recorded ? Vectors.Read("snp/trustee-e2e/evidence.json") : EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Snp, report[0], [.. report[1..].Select(c => (ReadOnlyMemory<byte>)c)]))];
        Damage.Sample(
            d =>
            {
                byte[] json = Changed(parts, d)[0];
                foreach (TeeKind tee in Enum.GetValues<TeeKind>())
                {
                    try
                    {
                        EvidenceVerifier.Authenticate(EvidenceJson.Read(tee, json), VerificationCollateral.None, Now, roots).Appraise(Demands.Lenient);
                    }
                    catch (EvidenceFormatException)
                    {
                    }
                }
            },
            iter: Rounds);
    }

    // ASK and ARK: the third, for VLEKs, would not matter.
    private static (byte[][] Parts, PinnedRoots Roots) RecordedReport() =>
        ([Vectors.Read("snp/trustee/test-report.bin"), Vectors.Read("snp/trustee/test-vcek.der"), .. Vectors.Roots("milan").Take(2).Select(r => r.ToArray())], PinnedRoots.Vendors);

    private static (byte[][] Parts, PinnedRoots Roots) SyntheticReport()
    {
        SnpScene scene = new();
        return ([scene.Sign(), .. scene.Certificates], scene.Roots);
    }

    private static (byte[] Quote, TdxCollateral Collateral, PinnedRoots Roots) RecordedQuote() => (Vectors.Read("tdx/dcap-qvl/tdx_quote"), Vectors.Collateral2025(), PinnedRoots.Vendors);

    private static (byte[] Quote, TdxCollateral Collateral, PinnedRoots Roots) SyntheticQuote()
    {
        DateTimeOffset made = Now.AddDays(-1), next = Now.AddDays(30);
        using TdxScene scene = new() { Info = new() { Issued = made, Next = next }, Identity = new() { Issued = made, Next = next } };
        (scene.RootCrl, scene.PckCrl) = (scene.Platform.RootCrl(made, next), scene.Platform.PckCrl(made, next));
        return (scene.Quote(), scene.Collateral(), scene.Platform.Roots);
    }

    private static bool Accepts(TeeKind tee, byte[] bytes, VerificationCollateral collateral, PinnedRoots roots)
    {
        try
        {
            return EvidenceVerifier.Authenticate(LaunchEvidence.Parse(tee, bytes), collateral, Now, roots).Appraise(Demands.Lenient).Accepted;
        }
        catch (EvidenceFormatException)
        {
            return false;
        }
    }

    private static bool IsWhole(byte[][] parts, byte[][] damaged) => parts.Zip(damaged).All(p => p.First.AsSpan().SequenceEqual(p.Second));

    private static byte[][] Changed(byte[][] parts, (int Part, (double At, byte Value)[] Changes) damage)
    {
        byte[][] copy = [.. parts.Select(p => p.ToArray())];
        byte[] target = copy[damage.Part % copy.Length];
        foreach ((double at, byte value) in damage.Changes)
        {
            target[(int)(at * (target.Length - 1))] = value;
        }

        return copy;
    }
}
