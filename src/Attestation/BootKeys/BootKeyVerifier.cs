using Pavise.Attestation.Collateral;

namespace Pavise.Attestation.BootKeys;

/// <summary>Verifies what a guest shows of its boot key. Pure, as <see cref="EvidenceVerifier"/> is; hostile input never makes it throw.</summary>
public static class BootKeyVerifier
{
    /// <summary>The certificate: its form, its signature, and its evidence, which must be over its key.</summary>
    /// <param name="certificate">DER, as the TLS client got it.</param>
    /// <param name="collateral">What the vendors publish.</param>
    /// <param name="requirements">What the owner demands; <see cref="EvidenceRequirements.ReportData"/> is not looked at, the key says it.</param>
    /// <param name="now">The time for every validity and freshness check.</param>
    public static Verdict VerifyCertificate(ReadOnlySpan<byte> certificate, VerificationCollateral collateral, EvidenceRequirements requirements, DateTimeOffset now)
    {
        BootCertificate read;
        try
        {
            read = BootCertificate.Parse(certificate);
        }
        catch (EvidenceFormatException e)
        {
            return new(TeeKind.Simulated, null, [Form(false, e.Message)]);
        }

        Verdict verdict = EvidenceVerifier.Verify(read.Evidence, collateral, Over(requirements, BootKeyReportData.ForCertificate(read.PublicKey.Span)), now);
        Check signature = new(
            CheckNames.BootKeySignature, read.IsSelfSigned ? CheckStatus.Passed : CheckStatus.Failed, true, "by its own key, ECDSA P-384 with SHA-384", read.IsSelfSigned ? "holds" : "does not hold");
        return new(verdict.Tee, verdict.Claims, [Form(true, $"{certificate.Length} bytes"), signature, .. verdict.Checks]);
    }

    /// <summary>The answer to a nonce: evidence over the nonce and the key of the certificate that was verified before.</summary>
    /// <param name="evidence">DER of <see cref="EvidenceDer"/>.</param>
    /// <param name="nonce">The nonce, as it was sent.</param>
    /// <param name="publicKey">The boot key, SubjectPublicKeyInfo, from the certificate.</param>
    /// <param name="collateral">What the vendors publish.</param>
    /// <param name="requirements">What the owner demands.</param>
    /// <param name="now">The time for every validity and freshness check.</param>
    public static Verdict VerifyNonce(
        ReadOnlyMemory<byte> evidence, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> publicKey, VerificationCollateral collateral, EvidenceRequirements requirements, DateTimeOffset now)
    {
        try
        {
            return EvidenceVerifier.Verify(EvidenceDer.Read(evidence), collateral, Over(requirements, BootKeyReportData.ForNonce(nonce, publicKey)), now);
        }
        catch (EvidenceFormatException e)
        {
            return EvidenceVerifier.Malformed(TeeKind.Simulated, e);
        }
    }

    private static EvidenceRequirements Over(EvidenceRequirements requirements, byte[] reportData) =>
        requirements with { ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(reportData) };

    private static Check Form(bool passed, string found) =>
        new(CheckNames.BootKeyCertificate, passed ? CheckStatus.Passed : CheckStatus.Failed, true, "an X.509 certificate with evidence", CheckLog.Printable(found));
}
