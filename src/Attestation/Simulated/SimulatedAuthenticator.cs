using System.Security.Cryptography;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Simulated;

/// <summary>Whether the development key signed a simulated report. Whether anybody believes that key is the check <see cref="CheckNames.Kind"/>.</summary>
internal static class SimulatedAuthenticator
{
    private const int P384Bits = 384;

    public static EvidenceClaims Run(LaunchEvidence evidence, CheckLog log)
    {
        SnpReport report = evidence.Snp!;
        log.Is(CheckNames.SimulatedChip, report.ChipId.Span.StartsWith(SimulatedKey.ChipId), "the simulated processor", Convert.ToHexStringLower(report.ChipId.Span));
        bool holds = Signatures.EcdsaHolds(
            SimulatedKey.PublicKey,
            report.Raw.Span[..SnpReport.SignedBytes],
            report.SignatureP1363,
            HashAlgorithmName.SHA384,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation,
            P384Bits);
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
