using System.Security.Cryptography;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Simulated;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Tests.Synthetic;

/// <summary>A report of the simulated processor: everything right until a test changes it.</summary>
internal sealed class SimulatedScene
{
    public SimulatedScene()
    {
        (Report[0], Report[0x0A], Report[0x34]) = (2, 3, 1);
        RandomNumberGenerator.Fill(Report.AsSpan(0x10, 0x20));
        RandomNumberGenerator.Fill(Report.AsSpan(0x50, 0x110 - 0x50));
        Report.AsSpan(0x160, 32).Fill(0xFF);
        SimulatedKey.ChipId.CopyTo(Report.AsSpan(0x1A0));
    }

    public byte[] Report { get; } = new byte[SnpReport.Bytes];

    public EvidenceRequirements Requirements => new()
    {
        Tees = [TeeKind.Simulated],
        ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(Report[0x50..0x90]),
        Policy = Expected<PolicyDigest>.OneOf(new PolicyDigest(Report[0xC0..0xE0], new byte[48])),
        Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(Report[0x90..0xC0])),
    };

    public byte[] Sign()
    {
        using ECDsa key = SimulatedKey.Create();
        byte[] signature = key.SignData(Report.AsSpan(0, SnpReport.SignedBytes), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, 48).Reverse();
        signature.AsSpan(48).Reverse();
        signature.AsSpan(0, 48).CopyTo(Report.AsSpan(0x2A0));
        signature.AsSpan(48).CopyTo(Report.AsSpan(0x2E8));
        return Report;
    }

    /// <summary>Signs and verifies.</summary>
    public Verdict Verify(EvidenceRequirements? requirements = null)
    {
        Sign();
        return VerifyUnsigned(requirements);
    }

    /// <summary>Verifies the report as it is.</summary>
    public Verdict VerifyUnsigned(EvidenceRequirements? requirements = null) =>
        EvidenceVerifier.Verify(TeeKind.Simulated, Report, VerificationCollateral.None, requirements ?? Requirements, SnpScene.Now);
}
