using System.Text;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;

namespace Pavise.Attestation.Tests;

/// <summary>Bytes made to end a verifier rather than to convince it: the verdict is a refusal, never another exception.</summary>
public sealed class HostileBytesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----END CERTIFICATE-----")]
    [InlineData("-----END CERTIFICATE----------BEGIN CERTIFICATE-----")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    public void The_end_of_a_block_is_looked_for_behind_its_beginning(string text) =>
        Assert.Throws<EvidenceFormatException>(() => Pem.Certificates(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_report_whose_certificate_has_a_key_on_an_unknown_curve_is_refused()
    {
        byte[] vcek = Vectors.Read("snp/trustee/test-vcek.der");
        byte[] secp384r1 = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22];
        vcek[vcek.AsSpan().IndexOf(secp384r1) + secp384r1.Length - 1] = 0x7F;
        Verdict verdict = EvidenceVerifier.Verify(
            TeeKind.Snp,
            Vectors.Read("snp/trustee/test-report.bin"),
            new VerificationCollateral { SnpCertificates = [vcek, .. Vectors.Roots("milan")] },
            Demands.Lenient,
            Now);
        Assert.False(verdict.Accepted);
        verdict.Has(CheckNames.SnpSignature, CheckStatus.Failed);
        verdict.Has(CheckNames.SnpChainLeaf, CheckStatus.Failed);
    }
}
