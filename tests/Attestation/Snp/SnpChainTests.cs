using System.Security.Cryptography;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests;

/// <summary>Chains, certificates and revocation of SNP evidence.</summary>
public sealed class SnpChainTests
{
    [Fact]
    public void A_report_signed_by_another_key_is_refused()
    {
        SnpScene scene = new();
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        scene.Certificates[0] = scene.Chain.Leaf(other, [3, 0, 8, 115], scene.ChipId);
        Assert.Equal([CheckNames.SnpSignature], scene.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        SnpScene scene = new();
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        scene.Certificates[0] = scene.Chain.Leaf(other, [3, 0, 8, 115], scene.ChipId);
        Assert.Equal([CheckNames.SnpSignature], scene.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void A_certificate_for_another_chip_or_TCB_or_product_is_refused_by_its_check()
    {
        SnpScene chip = new();
        chip.Certificates[0] = chip.Chain.Leaf(chip.Key, [3, 0, 8, 115], new byte[64]);
        Assert.Equal([CheckNames.SnpCertificateChip], chip.Verify().Refusals.Select(c => c.Name));
        SnpScene tcb = new();
        tcb.Certificates[0] = tcb.Chain.Leaf(tcb.Key, [3, 0, 8, 116], tcb.ChipId);
        Assert.Equal([CheckNames.SnpCertificateTcb], tcb.Verify().Refusals.Select(c => c.Name));
        SnpScene product = new();
        product.Certificates[0] = product.Chain.Leaf(product.Key, [3, 0, 8, 115], product.ChipId, productName: "Genoa-B1");
        Assert.Contains(CheckNames.SnpProduct, product.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void The_processor_in_the_report_must_be_of_the_roots_generation()
    {
        SnpScene scene = new();
        scene.Report[0x189] = 0x11;
        Assert.Contains(CheckNames.SnpProduct, scene.Verify().Refusals.Select(c => c.Name));
        scene.Report[0x188] = 0x77;
        Assert.Contains(CheckNames.SnpProduct, scene.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void The_intermediate_for_providers_vouches_for_no_chip_and_the_other_way_round()
    {
        SnpScene scene = new();
        scene.Certificates = [scene.Chain.Leaf(scene.Key, [3, 0, 8, 115], scene.ChipId, byTheOther: true), scene.Chain.Asvk, scene.Chain.Ark];
        scene.Verify().Has(CheckNames.SnpChainLeaf, CheckStatus.Failed);
        SnpScene provider = new(SnpProduct.Milan, 3, vlek: true);
        provider.Certificates = [provider.Chain.Leaf(provider.Key, [3, 0, 8, 115], null, "example-cloud", byTheOther: true), provider.Chain.Ask, provider.Chain.Ark];
        provider.Verify().Has(CheckNames.SnpChainLeaf, CheckStatus.Failed);
    }

    [Fact]
    public void A_leaf_is_no_authority()
    {
        SnpScene scene = new();
        scene.Certificates = [scene.Leaf, scene.Chain.Ark];
        Assert.False(scene.Verify().Accepted);
        scene.Certificates = [scene.Leaf, scene.Chain.Ask];
        scene.Verify().Has(CheckNames.SnpChainIntermediate, CheckStatus.NotEvaluated);
        scene.Certificates = [];
        scene.Verify().Has(CheckNames.SnpCertificate, CheckStatus.NotEvaluated);
    }

    [Fact]
    public void Expired_and_not_yet_valid_chains_are_refused()
    {
        foreach (DateTimeOffset at in new[] { AmdChain.Begin.AddSeconds(-1), AmdChain.End.AddSeconds(1) })
        {
            SnpScene scene = new() { At = at };
            scene.Verify().Has(CheckNames.SnpChainValidity, CheckStatus.Failed);
        }
    }

    [Fact]
    public void Without_a_fresh_revocation_list_evidence_is_refused_unless_the_owner_does_without()
    {
        SnpScene scene = new();
        scene.Crls = [];
        Verdict verdict = scene.Verify();
        Assert.Equal([CheckNames.SnpRevocation], verdict.Refusals.Select(c => c.Name));
        verdict.Has(CheckNames.SnpRevocation, CheckStatus.NotEvaluated);
        EvidenceRequirements without = scene.Requirements with { Snp = scene.Requirements.Snp with { NoRevocationList = true } };
        Assert.True(scene.Verify(without).Accepted);

        // What is there is obeyed, whatever is waived.
        scene.Crls = [scene.Chain.Crl(SnpScene.Now.AddDays(-60), SnpScene.Now.AddDays(-30))];
        scene.Verify(without).Has(CheckNames.SnpRevocation, CheckStatus.Failed);
        Assert.False(scene.Verify(without).Accepted);
    }

    [Fact]
    public void A_revoked_intermediate_is_refused_even_by_an_old_list()
    {
        SnpScene scene = new();
        scene.Crls = [scene.Chain.Crl(SnpScene.Now.AddDays(-1), SnpScene.Now.AddDays(30), AmdChain.AskSerial)];
        scene.Verify().Has(CheckNames.SnpRevocation, CheckStatus.Failed);
        scene.Crls = [scene.Chain.Crl(SnpScene.Now.AddDays(-1), SnpScene.Now.AddDays(30)), scene.Chain.Crl(SnpScene.Now.AddDays(-60), SnpScene.Now.AddDays(-30), AmdChain.AskSerial)];
        scene.Verify().Has(CheckNames.SnpRevocation, CheckStatus.Failed);
    }

    [Fact]
    public void A_revocation_list_that_the_root_did_not_sign_is_refused()
    {
        SnpScene scene = new();
        scene.Crls[0][^1] ^= 1;
        scene.Verify().Has(CheckNames.SnpRevocation, CheckStatus.Failed);
        scene.Crls[0] = [1, 2, 3];
        scene.Verify().Has(CheckNames.SnpRevocation, CheckStatus.Failed);
    }

    [Fact]
    public void A_malformed_certificate_beside_good_ones_is_refused()
    {
        SnpScene scene = new();
        scene.Certificates.Add([0x30, 0x00]);
        Assert.Equal([CheckNames.SnpCertificatesForm], scene.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void The_certificates_of_the_evidence_are_used_but_believed_no_more_than_others()
    {
        SnpScene scene = new();
        scene.Sign();
        LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Snp, scene.Report, [scene.Certificates[0], scene.Certificates[1], scene.Certificates[2]]);
        Verdict verdict = EvidenceVerifier.Authenticate(
            evidence, new() { SnpCrls = [scene.Crls[0]] }, SnpScene.Now, new() { Milan = scene.Chain.RootDigest, Genoa = new byte[32], Turin = new byte[32], Intel = new byte[32] }).Appraise(scene.Requirements);
        Assert.True(verdict.Accepted, verdict.ToString());
    }

    [Fact]
    public void Certificates_in_PEM_are_certificates_too()
    {
        SnpScene scene = new();
        scene.Certificates = [System.Text.Encoding.ASCII.GetBytes(Certificates.Pem.Write(scene.Certificates.Select(c => (ReadOnlyMemory<byte>)c)))];
        Assert.True(scene.Verify().Accepted);
        scene.Certificates = [scene.Certificates[0][..100]];
        scene.Verify().Has(CheckNames.SnpCertificatesForm, CheckStatus.Failed);
    }
}
