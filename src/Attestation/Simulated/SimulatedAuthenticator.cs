using System.Security.Cryptography;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Simulated;

/// <summary>Whether the development key signed a simulated report. Whether anybody believes that key is the check <see cref="CheckNames.Kind"/>.</summary>
internal static class SimulatedAuthenticator
{
    public static EvidenceClaims Run(LaunchEvidence evidence, CheckLog log)
    {
        SnpReport report = evidence.Snp!;
        log.Is(CheckNames.SimulatedChip, report.ChipId.Span.StartsWith(SimulatedKey.ChipId), "the simulated processor", Convert.ToHexStringLower(report.ChipId.Span));
        using ECDsa key = SimulatedKey.Create();
        bool holds = key.VerifyData(
            report.Raw.Span[..SnpReport.SignedBytes], report.SignatureP1363, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        log.Is(CheckNames.SimulatedSignature, holds, "by the development key", holds ? "holds" : "does not hold");
        return new()
        {
            Tee = TeeKind.Simulated,
            ReportData = report.ReportData,
            PolicyDigest = report.HostData,
            Measurement = new(report.Measurement),
            Snp = report,
        };
    }
}
