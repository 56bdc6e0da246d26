using Pavise.Attestation;
using Pavise.Attestation.BootKeys;
using Pavise.Attestation.Collateral;
using Pavise.Session.Logs;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Sessions;

/// <summary>Judges a pVM by its evidence, with the same requirements and checks as <c>pavise verify</c>.</summary>
/// <param name="requirements">What is required of evidence of a kind.</param>
/// <param name="collateral">Finds what the vendors publish.</param>
/// <param name="boot">The boot that it must be: SHA-256 of its key; null: any.</param>
/// <param name="time">The clock.</param>
internal sealed class Origin(Func<TeeKind, EvidenceRequirements> requirements, Func<LaunchEvidence, VerificationCollateral> collateral, string? boot, TimeProvider time) : ISessionOrigin, ILogOrigin
{
    public (ReadOnlyMemory<byte> PublicKey, string? Refusal) Verify(ReadOnlyMemory<byte> certificate) => VerifyCertificate(certificate);

    public (ReadOnlyMemory<byte> PublicKey, string? Refusal) VerifyCertificate(ReadOnlyMemory<byte> certificate)
    {
        BootCertificate read;
        try
        {
            read = BootCertificate.Parse(certificate.Span);
        }
        catch (EvidenceFormatException e)
        {
            return (default, $"{CheckNames.BootKeyCertificate}: {e.Message}");
        }

        Verdict verdict = BootKeyVerifier.VerifyCertificate(certificate.Span, collateral(read.Evidence), requirements(read.Evidence.Tee), time.GetUtcNow());
        string id = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(read.PublicKey.Span));
        return (read.PublicKey, Refusal(verdict) ?? (boot is null || boot == id ? null : $"boot: it is {id}, not {boot}"));
    }

    public string? VerifyNonce(ReadOnlyMemory<byte> evidence, ReadOnlyMemory<byte> nonce, ReadOnlyMemory<byte> publicKey)
    {
        LaunchEvidence read;
        try
        {
            read = EvidenceDer.Read(evidence);
        }
        catch (EvidenceFormatException e)
        {
            return $"{CheckNames.Form}: {e.Message}";
        }

        return Refusal(BootKeyVerifier.VerifyNonce(evidence, nonce.Span, publicKey.Span, collateral(read), requirements(read.Tee), time.GetUtcNow()));
    }

    /// <summary>Names each check that refuses, with both values.</summary>
    private static string? Refusal(Verdict verdict) => verdict.Accepted ? null
        : string.Join("; ", verdict.Refusals.Select(c => $"{c.Name}: {(c.Status == CheckStatus.Failed ? "failed" : "not evaluated")}, expected {c.Expected}, found {c.Found}"));
}
