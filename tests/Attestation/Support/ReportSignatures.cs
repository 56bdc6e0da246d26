using System.Security.Cryptography;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Tests;

internal static class ReportSignatures
{
    /// <summary>Whether a report's signature holds under a certificate: the one check alone, for tests that ask it thousands of times.</summary>
    public static bool Holds(SnpReport report, ReadOnlyMemory<byte> certificate) => Signatures.EcdsaHolds(
        DerCertificate.Parse(certificate.Span).PublicKey.Span,
        report.Raw.Span[..SnpReport.SignedBytes],
        report.SignatureP1363,
        HashAlgorithmName.SHA384,
        DSASignatureFormat.IeeeP1363FixedFieldConcatenation,
        384);
}
