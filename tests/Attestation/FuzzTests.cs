using System.Text;
using CsCheck;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Kbs;

namespace Pavise.Attestation.Tests;

/// <summary>Recorded evidence and collateral with bytes changed anywhere, certificates inside a quote among them: refused, never another exception.</summary>
public sealed class FuzzTests
{
    private static readonly DateTimeOffset Now = new(2025, 7, 1, 0, 0, 0, TimeSpan.Zero);
    // Numbers, tags and lengths of DER.
    private static readonly byte[] Telling = [0, 1, 2, 3, 6, 0x0C, 0x17, 0x18, 0x30, 0x7F, 0x80, 0xFF];

    private static readonly long Rounds = long.TryParse(Environment.GetEnvironmentVariable("PAVISE_FUZZ"), out long n) ? n : 300;

    private static readonly Gen<(int Part, (double At, byte Value)[] Changes)> Damage =
        Gen.Select(Gen.Int[0, 5], Gen.Select(Gen.Double[0, 1], Gen.OneOf(Gen.Byte, Gen.Int[0, 11].Select(i => Telling[i]))).Array[1, 4]);

    [Fact]
    public void A_damaged_report_or_certificate_is_refused()
    {
        // ASK and ARK: the third, for VLEKs, would not matter.
        byte[][] parts = [Vectors.Read("snp/trustee/test-report.bin"), Vectors.Read("snp/trustee/test-vcek.der"), .. Vectors.Roots("milan").Take(2).Select(r => r.ToArray())];
        Damage.Sample(
            d =>
            {
                byte[][] damaged = Changed(parts, d);
                Verdict verdict = EvidenceVerifier.Verify(
                    TeeKind.Snp, damaged[0], new VerificationCollateral { SnpCertificates = [.. damaged[1..].Select(c => (ReadOnlyMemory<byte>)c)] }, Demands.Lenient, Now);
                return verdict.Accepted == IsWhole(parts, damaged);
            },
            iter: Rounds);
    }

    [Fact]
    public void A_damaged_quote_is_refused()
    {
        byte[] quote = Vectors.Read("tdx/dcap-qvl/tdx_quote");
        int chain = quote.AsSpan().IndexOf("-----BEGIN"u8);
        byte[][] parts = [quote[..chain], .. Pem.Certificates(quote.AsSpan(chain)).Select(c => c.ToArray())];
        int tail = quote.Length - chain - Pem.Write(parts[1..].Select(p => (ReadOnlyMemory<byte>)p)).Length;
        VerificationCollateral collateral = new() { Tdx = Vectors.Collateral2025() };
        Damage.Sample(
            d =>
            {
                byte[][] damaged = Changed(parts, d);
                byte[] whole = [.. damaged[0], .. Encoding.ASCII.GetBytes(Pem.Write(damaged[1..].Select(p => (ReadOnlyMemory<byte>)p))), .. new byte[tail]];
                return EvidenceVerifier.Verify(TeeKind.Tdx, whole, collateral, Demands.Lenient, Now).Accepted == IsWhole(parts, damaged);
            },
            iter: Rounds);
    }

    [Fact]
    public void Damaged_collateral_gets_a_verdict()
    {
        byte[] quote = Vectors.Read("tdx/dcap-qvl/tdx_quote");
        TdxCollateral good = Vectors.Collateral2025();
        byte[][] parts = [good.TcbInfo.ToArray(), good.TcbInfoChain.ToArray(), good.QeIdentity.ToArray(), good.QeIdentityChain.ToArray(), good.PckCrl.ToArray(), good.RootCrl.ToArray()];
        Damage.Sample(
            d =>
            {
                byte[][] p = Changed(parts, d);

                // Another white space, or a digit's other case, would be damage without harm: whether it is refused is not asked.
                EvidenceVerifier.Verify(TeeKind.Tdx, quote, new VerificationCollateral { Tdx = new(p[0], p[1], p[2], p[3], p[4], p[5]) }, Demands.Lenient, Now);
            },
            iter: Rounds);
    }

    [Fact]
    public void Damaged_JSON_of_evidence_is_evidence_or_refused()
    {
        byte[][] parts = [Vectors.Read("snp/trustee-e2e/evidence.json")];
        Damage.Sample(
            d =>
            {
                byte[] json = Changed(parts, d)[0];
                foreach (TeeKind tee in Enum.GetValues<TeeKind>())
                {
                    try
                    {
                        EvidenceVerifier.Verify(EvidenceJson.Read(tee, json), VerificationCollateral.None, Demands.Lenient, Now);
                    }
                    catch (EvidenceFormatException)
                    {
                    }
                }
            },
            iter: Rounds);
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
