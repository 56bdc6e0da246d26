using System.Collections.Immutable;
using System.Security.Cryptography;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Tests;

/// <summary>The cases S1 to S12 of the recorded evidence, each accepted or refused for the reason that its description gives.</summary>
public sealed class SnpVectorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static byte[] Report(string name) => Vectors.Read($"snp/{name}");

    private static ImmutableArray<ReadOnlyMemory<byte>> Azure => Vectors.ReadPem("snp/azure-aci/uvm_host_amd_certificate.pem");

    private static ReadOnlyMemory<byte> Vcek(string name) => Vectors.Read($"snp/{name}");

    private static Verdict Verify(byte[] report, IEnumerable<ReadOnlyMemory<byte>> certificates, Func<EvidenceRequirements, EvidenceRequirements>? change = null)
    {
        EvidenceRequirements lenient = Demands.Lenient;
        return EvidenceVerifier.Verify(
            TeeKind.Snp, report, new VerificationCollateral { SnpCertificates = [.. certificates] }, change is null ? lenient : change(lenient), Now);
    }

    [Fact]
    public void S1_is_valid_and_binds_its_policy()
    {
        byte[] policy = Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(Report("azure-aci/uvm_security_policy.base64")).Trim());
        Assert.Equal(714, policy.Length);
        Verdict verdict = Verify(Report("azure-aci/snp_report.bin"), Azure, r => r with { Policy = Expected<PolicyDigest>.OneOf(PolicyDigest.OfPolicy(policy)) });
        Assert.True(verdict.Accepted, verdict.ToString());
        Assert.Equal(SnpProduct.Milan, verdict.Claims!.Product);
        verdict.Has(CheckNames.Policy, CheckStatus.Passed);
        Assert.Equal("cadd74f71ebb8fbf9782baab649612520f3c416bc5ce9ac768808ddc8d9b031c", Convert.ToHexStringLower(SHA256.HashData(policy)));
    }

    [Fact]
    public void S2_is_valid() => Assert.True(Verify(Report("trustee/test-report.bin"), [Vcek("trustee/test-vcek.der"), .. Vectors.Roots("milan")]).Accepted);

    [Fact]
    public void S3_a_certificate_that_AMD_did_not_sign_parses_and_is_refused()
    {
        foreach (string product in new[] { "milan", "genoa", "turin" })
        {
            Verdict verdict = Verify(Report("trustee/test-report.bin"), [Vcek("trustee/test-vcek-invalid-legacy.der"), .. Vectors.Roots(product)]);
            Assert.False(verdict.Accepted);
            verdict.Has(CheckNames.SnpCertificatesForm, CheckStatus.Passed);
            verdict.Has(CheckNames.SnpCertificate, CheckStatus.Passed);
            Assert.NotEqual(CheckStatus.Passed, verdict.Of(CheckNames.SnpChainLeaf).Status);
            verdict.Has(CheckNames.SnpCertificateChip, CheckStatus.Failed);
            verdict.Has(CheckNames.SnpCertificateTcb, CheckStatus.Failed);
            verdict.Has(CheckNames.SnpSignature, CheckStatus.Failed);
            Assert.Contains("3.0.10.169", verdict.Of(CheckNames.SnpCertificateTcb).Expected, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void S4_is_genuine_and_refused_because_the_host_may_debug_it()
    {
        IEnumerable<ReadOnlyMemory<byte>> certificates = [Vcek("go-sev-guest/vcek.testcer"), .. Vectors.Roots("milan")];
        Verdict verdict = Verify(Report("go-sev-guest/attestation.bin"), certificates);
        Assert.Equal([CheckNames.GuestPolicyDebug], verdict.Refusals.Select(c => c.Name));
        Assert.True(Verify(Report("go-sev-guest/attestation.bin"), certificates, r => r with { Snp = r.Snp with { AllowDebug = true } }).Accepted);
    }
}
