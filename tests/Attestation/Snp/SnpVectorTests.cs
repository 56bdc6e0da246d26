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

    [Theory]
    [InlineData("report.bin")]
    [InlineData("evidence.json")]
    public void S5_belongs_to_the_root_of_Genoa_and_to_no_other(string form)
    {
        Verdict With(string product)
        {
            byte[] content = Report($"trustee-e2e/{form}");
            LaunchEvidence evidence = form == "report.bin"
                ? LaunchEvidence.Parse(TeeKind.Snp, content, [Vcek("trustee-e2e/vcek.der")])
                : Kbs.EvidenceJson.Read(TeeKind.Snp, content);
            return EvidenceVerifier.Verify(evidence, new() { SnpCertificates = Vectors.Roots(product) }, Demands.Lenient, Now);
        }

        Verdict genoa = With("genoa");
        Assert.True(genoa.Accepted, genoa.ToString());
        Assert.Equal(SnpProduct.Genoa, genoa.Claims!.Product);
        Assert.Equal(0x25u, genoa.Claims.Snp!.PlatformInfo);
        foreach (string other in new[] { "milan", "turin" })
        {
            Verdict verdict = With(other);
            Assert.False(verdict.Accepted);
            Assert.NotEqual(CheckStatus.Passed, verdict.Of(CheckNames.SnpChainLeaf).Status);
        }
    }

    [Fact]
    public void S6_a_VCEK_of_the_same_TCB_but_another_chip_is_refused()
    {
        Verdict verdict = Verify(Report("trustee/test-report.bin"), Azure);
        verdict.Has(CheckNames.SnpCertificateTcb, CheckStatus.Passed);
        Assert.Equal([CheckNames.SnpCertificateChip, CheckNames.SnpSignature], verdict.Refusals.Select(c => c.Name));
    }

    [Fact]
    public void S7_a_VCEK_of_another_chip_and_TCB_is_refused()
    {
        Verdict verdict = Verify(Report("azure-aci/snp_report.bin"), [Vcek("go-sev-guest/vcek.testcer"), .. Vectors.Roots("milan")]);
        Assert.Equal([CheckNames.SnpCertificateTcb, CheckNames.SnpCertificateChip, CheckNames.SnpSignature], verdict.Refusals.Select(c => c.Name));
    }

    [Fact]
    public void S8_the_ASVK_in_place_of_the_ASK_is_refused()
    {
        ImmutableArray<ReadOnlyMemory<byte>> roots = Vectors.Roots("milan");
        Verdict verdict = Verify(Report("trustee/test-report.bin"), [Vcek("trustee/test-vcek.der"), roots[2], roots[1]]);
        Assert.Contains(CheckNames.SnpChainLeaf, verdict.Refusals.Select(c => c.Name));
    }

    [Theory]
    [InlineData("azure-aci/snp_report.bin")]
    [InlineData("trustee-e2e/report.bin")]
    public void S9_a_flipped_bit_in_any_byte_of_the_signed_part_and_the_signature_is_refused(string file)
    {
        byte[] report = Report(file);
        ImmutableArray<ReadOnlyMemory<byte>> certificates = file.StartsWith("azure", StringComparison.Ordinal) ? Azure : [Vcek("trustee-e2e/vcek.der"), .. Vectors.Roots("genoa")];
        VerificationCollateral collateral = new() { SnpCertificates = certificates };
        Assert.True(EvidenceVerifier.Verify(TeeKind.Snp, report, collateral, Demands.Lenient, Now).Accepted);

        // The chain is the same for all; the signature decides, so only it is asked for each byte.
        Parallel.For(0, 0x330, new ParallelOptions { MaxDegreeOfParallelism = 2 }, offset =>
        {
            byte[] changed = [.. report];
            changed[offset] ^= (byte)(1 << (offset % 8));
            if (SnpParses(changed, out SnpReport? parsed))
            {
                Assert.False(ReportSignatures.Holds(parsed!, certificates[0]), $"byte {offset}");
            }
        });
        for (int offset = 0; offset < 0x330; offset += 37)
        {
            byte[] changed = [.. report];
            changed[offset] ^= 1;
            Verdict verdict = EvidenceVerifier.Verify(TeeKind.Snp, changed, collateral, Demands.Lenient, Now);
            Assert.Contains(verdict.Refusals, c => c.Name is CheckNames.Form or CheckNames.SnpSignature);
        }
    }

    [Fact]
    public void S10_a_raised_reported_TCB_is_a_mismatch_with_certificate_and_signature()
    {
        byte[] report = Report("trustee/test-report.bin");
        report[0x180]++;
        Verdict verdict = Verify(report, [Vcek("trustee/test-vcek.der"), .. Vectors.Roots("milan")]);
        Assert.Equal([CheckNames.SnpCertificateTcb, CheckNames.SnpSignature], verdict.Refusals.Select(c => c.Name));
        Check tcb = verdict.Of(CheckNames.SnpCertificateTcb);
        Assert.StartsWith("3.", tcb.Expected, StringComparison.Ordinal);
        Assert.StartsWith("4.", tcb.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void S11_a_certificate_whose_signature_algorithms_differ_is_refused()
    {
        byte[] vcek = Vcek("trustee/test-vcek.der").ToArray();
        vcek[42]++;
        Verdict verdict = Verify(Report("trustee/test-report.bin"), [vcek, .. Vectors.Roots("milan")]);
        verdict.Has(CheckNames.SnpCertificatesForm, CheckStatus.Failed);
        Assert.Contains("signature algorithm differ", verdict.Of(CheckNames.SnpCertificatesForm).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void S12_bytes_behind_the_signature_must_be_zero()
    {
        foreach (string file in new[] { "azure-aci/snp_report.bin", "trustee-e2e/report.bin" })
        {
            for (int offset = 0x330; offset < SnpReport.Bytes; offset++)
            {
                byte[] report = Report(file);
                report[offset] = 1;
                Verdict verdict = EvidenceVerifier.Verify(TeeKind.Snp, report, VerificationCollateral.None, Demands.Lenient, Now);
                verdict.Has(CheckNames.Form, CheckStatus.Failed);
                Assert.Null(verdict.Claims);
            }
        }
    }

    public static TheoryData<string, uint, ulong, string, string> Fields => new()
    {
        { "azure-aci/snp_report.bin", 2, 0x3001f, "3.0.8.115", "51068107cdc7ee3d89c7821b05bca6147eb77b2005ae759050fc049b65a1b0beabc65a9d857acecf23225f5ec76849f5" },
        { "trustee/test-report.bin", 4, 0x3001f, "3.0.8.206", "a1f3930413247bb38cfc171579ea3c12d5fe4901f0c792f63fd75d98f1ef827c23500644e0e692e6be917f9050d3d38c" },
        { "go-sev-guest/attestation.bin", 0, 0xb0000, "2.0.5.68", "b07af9620f3b839b47996422ddec6058338951d984e312115131ea82705eaf5b6bdf8a9ece31a5a608eb0cf2e4872b01" },
        { "trustee-e2e/report.bin", 0, 0x30000, "10.0.23.25", "6a6519d757e68c2e939c9dbbbc1828498e8de35d2766dd05f1a2cca5059d0cf4ae62a36d75c837974dd50b315506e73e" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void The_fields_of_each_report_are_the_recorded_ones(string file, uint guestSvn, ulong policy, string currentTcb, string measurement)
    {
        SnpReport report = SnpReport.Parse(Report(file));
        Assert.Equal((guestSvn, policy), (report.GuestSvn, report.Policy));
        Assert.Equal(currentTcb, SnpTcb.Read(report.CurrentTcb, SnpProduct.Milan).ToString());
        Assert.Equal(measurement, Convert.ToHexStringLower(report.Measurement.Span));
        Assert.Equal(new string('f', 64), Convert.ToHexStringLower(report.MigrationAgentReportId.Span));
        Assert.Equal(new string('0', 96), Convert.ToHexStringLower(report.AuthorKeyDigest.Span));
    }

    private static bool SnpParses(byte[] bytes, out SnpReport? report)
    {
        try
        {
            report = SnpReport.Parse(bytes);
            return true;
        }
        catch (EvidenceFormatException)
        {
            report = null;
            return false;
        }
    }
}
