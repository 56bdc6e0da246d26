using System.Text;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests.Checks;

/// <summary>Each byte of evidence of synthetic platforms, changed: refused by the check that covers it.</summary>
public sealed class EveryByteTests
{
    [Theory]
    [InlineData(SnpProduct.Milan, 2u, false)]
    [InlineData(SnpProduct.Genoa, 3u, true)]
    [InlineData(SnpProduct.Turin, 5u, false)]
    public void A_flipped_bit_in_any_byte_of_a_report_is_refused(SnpProduct product, uint version, bool vlek)
    {
        SnpScene scene = new(product, version, vlek);
        byte[] report = scene.Sign();
        EvidenceRequirements requirements = scene.Requirements;
        VerificationCollateral collateral = new() { SnpCertificates = [.. scene.Certificates], SnpCrls = [.. scene.Crls] };
        Parallel.For(0, SnpReport.Bytes, new ParallelOptions { MaxDegreeOfParallelism = 2 }, offset =>
        {
            byte[] changed = [.. report];
            changed[offset] ^= (byte)(1 << (offset % 8));
            LaunchEvidence evidence;
            try
            {
                evidence = LaunchEvidence.Parse(TeeKind.Snp, changed);
            }
            catch (EvidenceFormatException)
            {
                // Reserved bytes, lengths, versions: not even evidence. What is behind the signature must be zero.
                return;
            }

            Assert.True(offset < 0x330, $"byte {offset}");
            Verdict verdict = EvidenceVerifier.Authenticate(evidence, collateral, SnpScene.Now, scene.Roots).Appraise(requirements);
            Assert.NotEqual(CheckStatus.Passed, verdict.Of(CheckNames.SnpSignature).Status);
        });
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_flipped_bit_in_any_byte_of_a_quote_is_refused(bool td15, bool version5)
    {
        using TdxScene scene = new(td15, version5);
        byte[] quote = scene.Quote();
        TdxQuote parsed = TdxQuote.Parse(quote);
        VerificationCollateral collateral = new() { Tdx = scene.Collateral() };
        EvidenceRequirements requirements = scene.Requirements;
        int signed = parsed.Signed.Length, signature = signed + 4, key = signature + 64, report = key + 64 + 6, reportSignature = report + 384, authentication = reportSignature + 64 + 2;
        int chain = authentication + 32 + 6;
        Parallel.For(0, chain, new ParallelOptions { MaxDegreeOfParallelism = 2 }, offset =>
        {
            byte[] changed = [.. quote];
            changed[offset] ^= (byte)(1 << (offset % 8));
            LaunchEvidence evidence;
            try
            {
                evidence = LaunchEvidence.Parse(TeeKind.Tdx, changed);
            }
            catch (EvidenceFormatException)
            {
                return;
            }

            string[] expected = offset < key ? [CheckNames.TdxSignature]
                : offset < key + 64 ? [CheckNames.TdxSignature, CheckNames.TdxQeBinding]
                : offset < reportSignature + 64 ? [CheckNames.TdxQeSignature]
                : [CheckNames.TdxQeBinding];
            Verdict verdict = EvidenceVerifier.Authenticate(evidence, collateral, scene.At, scene.Platform.Roots).Appraise(requirements);
            Assert.True(verdict.Refusals.Any(c => expected.Contains(c.Name)), $"byte {offset}: {verdict}");
        });
    }

    [Fact]
    public void Lengths_and_types_that_no_signature_covers_are_refused_by_the_parser()
    {
        using TdxScene scene = new();
        byte[] quote = scene.Quote();
        int signature = TdxQuote.Parse(quote).Signed.Length + 4, certification = signature + 128, chain = certification + 6 + 450 + 32;
        int[] offsets = [.. Enumerable.Range(signature - 4, 4), .. Enumerable.Range(certification, 6), .. Enumerable.Range(certification + 6 + 448, 2), .. Enumerable.Range(chain, 6)];
        Assert.All(offsets.SelectMany(o => Enumerable.Range(0, 8).Select(b => (Offset: o, Bit: b))), at =>
        {
            byte[] changed = [.. quote];
            changed[at.Offset] ^= (byte)(1 << at.Bit);
            Assert.Throws<EvidenceFormatException>(() => TdxQuote.Parse(changed));
        });
    }

    [Fact]
    public void Zeros_may_stand_behind_a_quote_and_nothing_else()
    {
        using TdxScene scene = new();
        byte[] quote = scene.Quote();
        Assert.Equal(quote, TdxQuote.Parse([.. quote, .. new byte[70]]).Raw.ToArray());
        Assert.Throws<EvidenceFormatException>(() => TdxQuote.Parse([.. quote, .. new byte[69], 1]));
        Assert.Throws<EvidenceFormatException>(() => TdxQuote.Parse([.. quote, .. Encoding.ASCII.GetBytes("\nextra bytes\n")]));
        Assert.Throws<EvidenceFormatException>(() => TdxQuote.Parse([.. quote, .. new byte[AttestationLimits.QuotePadding + 1]]));
    }

    [Fact]
    public void A_certificate_whose_two_signature_algorithms_differ_is_refused()
    {
        SnpScene scene = new();
        byte[] leaf = [.. scene.Certificates[0]];

        // The inner one: a byte of the first object identifier of RSASSA-PSS in the certificate.
        byte[] pss = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
        leaf[leaf.AsSpan().IndexOf(pss) + pss.Length - 1]++;
        scene.Certificates[0] = leaf;
        Verdict verdict = scene.Verify();
        verdict.Has(CheckNames.SnpCertificatesForm, CheckStatus.Failed);
        Assert.Contains("signature algorithm differ", verdict.Of(CheckNames.SnpCertificatesForm).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void The_authority_for_providers_in_place_of_the_one_for_chips_is_refused()
    {
        SnpScene scene = new();
        scene.Certificates = [scene.Leaf, scene.Chain.Asvk, scene.Chain.Ark];
        Assert.Contains(CheckNames.SnpChainLeaf, scene.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void Evidence_in_the_protocols_JSON_is_the_same_evidence()
    {
        foreach ((SnpProduct product, uint version) in ((SnpProduct, uint)[])[(SnpProduct.Milan, 2), (SnpProduct.Genoa, 3), (SnpProduct.Turin, 5)])
        {
            SnpScene scene = new(product, version);
            LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Snp, scene.Sign(), [.. scene.Certificates.Select(c => (ReadOnlyMemory<byte>)c)]);
            LaunchEvidence read = Kbs.EvidenceJson.Read(TeeKind.Snp, Kbs.EvidenceJson.Write(evidence));
            Assert.Equal(scene.Report, read.Raw.ToArray());
            Assert.True(EvidenceVerifier.Authenticate(read, new() { SnpCrls = [.. scene.Crls] }, SnpScene.Now, scene.Roots).Appraise(scene.Requirements).Accepted);
        }

        using TdxScene tdx = new(td15: true);
        byte[] quote = tdx.Quote();
        Assert.Equal(quote, Kbs.EvidenceJson.Read(TeeKind.Tdx, Kbs.EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Tdx, quote))).Raw.ToArray());
        Assert.Equal(3, Pem.Certificates(TdxQuote.Parse(quote).PckChain.Span).Length);
    }
}
