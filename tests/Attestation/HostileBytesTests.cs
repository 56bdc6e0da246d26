using System.Text;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests;

/// <summary>Bytes made to end a verifier rather than to convince it: the verdict is a refusal, never another exception.</summary>
public sealed class HostileBytesTests
{
    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----END CERTIFICATE-----")]
    [InlineData("-----END CERTIFICATE----------BEGIN CERTIFICATE-----")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    public void The_end_of_a_block_is_looked_for_behind_its_beginning(string text) =>
        Assert.Throws<EvidenceFormatException>(() => Pem.Certificates(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_report_whose_certificate_has_a_key_on_an_unknown_curve_is_refused()
    {
        SnpScene scene = new();
        byte[] vcek = scene.Certificates[0];
        byte[] secp384r1 = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22];
        vcek[vcek.AsSpan().IndexOf(secp384r1) + secp384r1.Length - 1] = 0x7F;
        Verdict verdict = scene.Verify();
        Assert.False(verdict.Accepted);
        verdict.Has(CheckNames.SnpSignature, CheckStatus.Failed);
        verdict.Has(CheckNames.SnpChainLeaf, CheckStatus.Failed);
    }
}
