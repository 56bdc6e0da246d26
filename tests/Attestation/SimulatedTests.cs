using System.Security.Cryptography;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Simulated;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Fuzzing;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests;

public sealed class SimulatedTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    // The form that the visor's simulated processor writes; a test of the host compares the two.
    private static byte[] Report(Action<byte[]>? change = null)
    {
        byte[] report = new byte[SnpReport.Bytes];
        report[0] = 2;
        report[0x0A] = 3;
        report[0x34] = 1;
        RandomNumberGenerator.Fill(report.AsSpan(0x50, 0x90));
        report.AsSpan(0x160, 32).Fill(0xFF);
        SimulatedKey.ChipId.CopyTo(report.AsSpan(0x1A0));
        change?.Invoke(report);
        using ECDsa key = SimulatedKey.Create();
        byte[] signature = key.SignData(report.AsSpan(0, SnpReport.SignedBytes), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, 48).Reverse();
        signature.AsSpan(48).Reverse();
        signature.AsSpan(0, 48).CopyTo(report.AsSpan(0x2A0));
        signature.AsSpan(48).CopyTo(report.AsSpan(0x2E8));
        return report;
    }

    private static EvidenceRequirements Of(byte[] report) => new()
    {
        Tees = [TeeKind.Simulated],
        ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(report[0x50..0x90]),
        Policy = Expected<PolicyDigest>.OneOf(new PolicyDigest(report[0xC0..0xE0], new byte[48])),
        Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(report[0x90..0xC0])),
    };

    private static Verdict Verify(byte[] report, EvidenceRequirements requirements, TeeKind tee = TeeKind.Simulated) => EvidenceVerifier.Verify(tee, report, VerificationCollateral.None, requirements, Now);

    [Fact]
    public void Simulated_evidence_is_accepted_where_the_owner_names_it()
    {
        byte[] report = Report();
        Verdict verdict = Verify(report, Of(report));
        Assert.True(verdict.Accepted, verdict.ToString());
        Assert.Equal(CheckNames.Simulated, verdict.Checks.Select(c => c.Name));
    }

    [Fact]
    public void Simulated_evidence_is_refused_by_default()
    {
        byte[] report = Report();
        Assert.Equal([CheckNames.Kind], Verify(report, Of(report) with { Tees = new EvidenceRequirements().Tees }).Refusals.Select(c => c.Name));
    }

    [Fact]
    public void Simulated_evidence_that_calls_itself_SNP_is_refused()
    {
        byte[] report = Report();
        Verdict verdict = Verify(report, Of(report) with { Tees = [TeeKind.Snp, TeeKind.Simulated], Snp = new() { AnyTcb = true, NoRevocationList = true } }, TeeKind.Snp);
        Assert.False(verdict.Accepted);
        verdict.Has(CheckNames.SnpCertificate, CheckStatus.NotEvaluated);
    }

    [Fact]
    public void Real_evidence_that_calls_itself_simulated_is_refused()
    {
        byte[] report = new SnpScene(SnpProduct.Milan, 2).Sign();
        Verdict verdict = Verify(report, Of(report));
        Assert.Equal([CheckNames.SimulatedChip, CheckNames.SimulatedSignature], verdict.Refusals.Select(c => c.Name));
    }

    [Fact]
    public void Guest_policy_and_values_count_for_the_simulated_kind_too()
    {
        byte[] debug = Report(r => r[0x0A] |= 8);
        Assert.Equal([CheckNames.GuestPolicyDebug], Verify(debug, Of(debug)).Refusals.Select(c => c.Name));
        byte[] report = Report();
        Assert.Equal([CheckNames.Measurement], Verify(report, Of(report) with { Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(new byte[48])) }).Refusals.Select(c => c.Name));
    }

    [Fact]
    public void A_changed_simulated_report_is_never_accepted()
    {
        byte[] report = Report();
        EvidenceRequirements requirements = Of(report);
        string? Oracle(byte[] input, params string[] ignored) => input.AsSpan().SequenceEqual(report) || Verify(input, requirements).Refusals.Any(c => !ignored.Contains(c.Name)) ? null : "accepted";
        Fuzzer.FindsNothing([report], 3_000, i => Oracle(i));
        Fuzzer.FindsTheMistake([report], 3_000, i => Oracle(i, CheckNames.SimulatedSignature));
    }

    [Fact]
    public void The_protocols_JSON_carries_the_simulated_kind_as_it_does_SNP()
    {
        byte[] report = Report();
        LaunchEvidence evidence = EvidenceJson.Read(TeeKind.Simulated, EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Simulated, report)));
        Assert.Equal((TeeKind.Simulated, Convert.ToHexString(report)), (evidence.Tee, Convert.ToHexString(evidence.Raw.Span)));
    }
}
