using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Attestation.BootKeys;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Simulated;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Fuzzing;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests.BootKeys;

/// <summary>The guest's certificate: what a host in the middle may try with it.</summary>
public sealed class BootCertificateTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly EvidenceRequirements Owner = new()
    {
        Tees = [TeeKind.Simulated],
        Policy = Expected<PolicyDigest>.OneOf(new PolicyDigest(new byte[32], new byte[48])),
        Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(new byte[48])),
    };

    private static LaunchEvidence Evidence(byte[] reportData)
    {
        byte[] report = new byte[SnpReport.Bytes];
        report[0] = 2;
        report[0x0A] = 3;
        report[0x34] = 1;
        reportData.CopyTo(report, 0x50);
        report.AsSpan(0x160, 32).Fill(0xFF);
        SimulatedKey.ChipId.CopyTo(report.AsSpan(0x1A0));
        using ECDsa key = SimulatedKey.Create();
        byte[] signature = key.SignData(report.AsSpan(0, SnpReport.SignedBytes), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, 48).Reverse();
        signature.AsSpan(48).Reverse();
        signature.AsSpan(0, 48).CopyTo(report.AsSpan(0x2A0));
        signature.AsSpan(48).CopyTo(report.AsSpan(0x2E8));
        return LaunchEvidence.Parse(TeeKind.Simulated, report);
    }

    private static byte[] Certificate(ECDsa key, byte[]? reportData = null)
    {
        using X509Certificate2 made = BootCertificate.Create(key, Evidence(reportData ?? BootKeyReportData.ForCertificate(key.ExportSubjectPublicKeyInfo())));
        return made.RawData;
    }

    private static Verdict Verify(byte[] certificate) => BootKeyVerifier.VerifyCertificate(certificate, VerificationCollateral.None, Owner, Now);

    [Fact]
    public void A_certificate_with_evidence_over_its_key_is_accepted_with_every_check_named()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Verdict verdict = Verify(Certificate(key));
        Assert.True(verdict.Accepted, verdict.ToString());
        Assert.Equal([CheckNames.BootKeyCertificate, CheckNames.BootKeySignature, .. CheckNames.Simulated], verdict.Checks.Select(c => c.Name));
    }

    [Fact]
    public void Evidence_over_another_key_another_purpose_or_what_the_caller_says_is_refused_by_the_report_data()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384), hosts = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] genuine = BootKeyReportData.ForCertificate(key.ExportSubjectPublicKeyInfo()), own = hosts.ExportSubjectPublicKeyInfo();
        Assert.Equal([CheckNames.ReportData], Verify(Certificate(hosts, genuine)).Refusals.Select(c => c.Name));
        Assert.Equal([CheckNames.ReportData], Verify(Certificate(hosts, BootKeyReportData.ForNonce(own, own))).Refusals.Select(c => c.Name));
        Verdict waived = BootKeyVerifier.VerifyCertificate(
            Certificate(hosts, genuine), VerificationCollateral.None, Owner with { ReportData = Expected<ReadOnlyMemory<byte>>.Any }, Now);
        Assert.Equal([CheckNames.ReportData], waived.Refusals.Select(c => c.Name));
    }

    [Fact]
    public void Report_data_of_different_purposes_and_of_parts_that_are_cut_elsewhere_differ()
    {
        byte[] key = RandomNumberGenerator.GetBytes(120);
        Assert.NotEqual(BootKeyReportData.ForCertificate(key), BootKeyReportData.ForNonce(key, []));
        Assert.NotEqual(BootKeyReportData.ForNonce(key[..10], key[10..]), BootKeyReportData.ForNonce(key[..11], key[11..]));
    }

    [Fact]
    public void A_certificate_without_evidence_is_refused_by_its_form()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using X509Certificate2 bare = new CertificateRequest("CN=pavise", key, HashAlgorithmName.SHA384).CreateSelfSigned(Now, Now.AddDays(1));
        Assert.Equal([CheckNames.BootKeyCertificate], Verify(bare.RawData).Refusals.Select(c => c.Name));
        Assert.Equal([CheckNames.BootKeyCertificate], Verify([]).Refusals.Select(c => c.Name));
    }

    [Theory]
    [InlineData("1.2.840.10045.3.1.7")]
    [InlineData("1.3.132.0.35")]
    public void A_key_on_another_curve_is_refused_though_evidence_is_over_it(string curve)
    {
        using ECDsa key = ECDsa.Create(ECCurve.CreateFromValue(curve));
        Assert.Equal([CheckNames.BootKeySignature], Verify(Certificate(key)).Refusals.Select(c => c.Name));
    }

    [Fact]
    public void Evidence_of_each_kind_with_its_certificates_is_read_as_it_was_written()
    {
        SnpScene scene = new();
        LaunchEvidence with = LaunchEvidence.Parse(TeeKind.Snp, scene.Report, [.. scene.Certificates.Select(c => (ReadOnlyMemory<byte>)c)]);
        LaunchEvidence read = EvidenceDer.Read(EvidenceDer.Write(with));
        Assert.Equal((with.Tee, 3), (read.Tee, read.Certificates.Length));
        Assert.Equal(with.Raw.ToArray(), read.Raw.ToArray());
        Assert.All(with.Certificates.Zip(read.Certificates), pair => Assert.Equal(pair.First.ToArray(), pair.Second.ToArray()));
    }

    private static byte[] Form(int version, string tee, int certificates, bool more = false)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(version);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, tee);
            writer.WriteOctetString(Reports.Minimal());
            using (writer.PushSequence())
            {
                for (int i = 0; i < certificates; i++)
                {
                    writer.WriteOctetString([1]);
                }
            }

            if (more)
            {
                writer.WriteNull();
            }
        }

        return writer.Encode();
    }

    [Fact]
    public void Another_version_kind_number_of_certificates_or_member_is_refused()
    {
        Assert.NotNull(EvidenceDer.Read(Form(1, "sim", AttestationLimits.Certificates)));
        Assert.All(
            [Form(2, "sim", 0), Form(1, "cca", 0), Form(1, "SIM", 0), Form(1, "sim", AttestationLimits.Certificates + 1), Form(1, "sim", 0, more: true), [.. Form(1, "sim", 0), 0], new byte[AttestationLimits.EvidenceDerBytes + 1]],
            wrong => Assert.Throws<EvidenceFormatException>(() => EvidenceDer.Read(wrong)));
    }

    private static byte[][] Encoded()
    {
        SnpScene scene = new();
        return [Form(1, "sim", 2), EvidenceDer.Write(LaunchEvidence.Parse(TeeKind.Snp, scene.Report, [.. scene.Certificates.Select(c => (ReadOnlyMemory<byte>)c)]))];
    }

    private static string? OneEncoding(byte[] input, Func<byte[], LaunchEvidence> read) =>
        Fuzzer.Try(() => read(input)) is { } evidence && !EvidenceDer.Write(evidence).AsSpan().SequenceEqual(input) ? "two encodings of one value" : null;

    [Fact]
    public void Evidence_that_is_read_is_what_would_be_written() => Fuzzer.FindsNothing(Encoded(), 6_000, i => OneEncoding(i, b => EvidenceDer.Read(b)));

    [Fact]
    public void The_fuzzer_finds_a_reader_of_evidence_that_ignores_what_follows() => Fuzzer.FindsTheMistake(Encoded(), 60_000, i => OneEncoding(i, b =>
        EvidenceDer.Read(b.Length > 4 && (b[2] << 8 | b[3]) + 4 is var length && length <= b.Length ? b[..length] : b)));

    private static string? AcceptedButChanged(byte[] original, byte[] input, Func<byte[], bool> accepts) =>
        !input.AsSpan().SequenceEqual(original) && accepts(input) ? "a changed certificate is accepted" : null;

    [Fact]
    public void No_changed_certificate_is_accepted()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] original = Certificate(key);
        Fuzzer.FindsNothing([original], 2_000, i => AcceptedButChanged(original, i, b => Verify(b).Accepted));
    }

    [Fact]
    public void The_fuzzer_finds_a_verifier_that_looks_at_the_evidence_only()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] original = Certificate(key);
        Fuzzer.FindsTheMistake([original], 20_000, i => AcceptedButChanged(original, i, b =>
            Fuzzer.Try(() => BootCertificate.Parse(b)) is { } read && read.Evidence.ReportData.Span.SequenceEqual(BootKeyReportData.ForCertificate(read.PublicKey.Span))));
    }
}
