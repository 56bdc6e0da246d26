using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Simulated;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation;

/// <summary>Verifies evidence. Pure: no clock, no network, no state; hostile input never makes it throw.</summary>
public static class EvidenceVerifier
{
    /// <summary>Checks who made the evidence: signatures, chains to the pinned roots, revocation, freshness, the platform's state.</summary>
    /// <param name="evidence">The evidence.</param>
    /// <param name="collateral">What the vendors publish; the evidence's own certificates are used too.</param>
    /// <param name="now">The time for every validity and freshness check.</param>
    public static AuthenticatedEvidence Authenticate(LaunchEvidence evidence, VerificationCollateral collateral, DateTimeOffset now) =>
        Authenticate(evidence, collateral, now, PinnedRoots.Vendors);

    /// <summary>The same with other roots, for tests with evidence of their own making.</summary>
    internal static AuthenticatedEvidence Authenticate(LaunchEvidence evidence, VerificationCollateral collateral, DateTimeOffset now, PinnedRoots roots)
    {
        CheckLog log = new(evidence.Tee);
        log.Is(CheckNames.Form, true, $"{evidence.Tee.Name()} evidence", $"{evidence.Raw.Length} bytes");
        EvidenceClaims claims = evidence.Tee switch
        {
            TeeKind.Snp => SnpAuthenticator.Run(evidence, collateral, now, roots, log),
            TeeKind.Tdx => TdxAuthenticator.Run(evidence.Tdx!, collateral.Tdx, now, roots, log),
            _ => SimulatedAuthenticator.Run(evidence, log),
        };
        return new(log, claims);
    }

    /// <summary>Both steps: examines the origin, then <see cref="AuthenticatedEvidence.Appraise"/>.</summary>
    public static Verdict Verify(LaunchEvidence evidence, VerificationCollateral collateral, EvidenceRequirements requirements, DateTimeOffset now) =>
        Authenticate(evidence, collateral, now).Appraise(requirements);

    /// <summary>The same for bytes of any kind: what is no evidence fails the check <see cref="CheckNames.Form"/>.</summary>
    public static Verdict Verify(TeeKind tee, ReadOnlySpan<byte> bytes, VerificationCollateral collateral, EvidenceRequirements requirements, DateTimeOffset now)
    {
        try
        {
            return Verify(LaunchEvidence.Parse(tee, bytes), collateral, requirements, now);
        }
        catch (EvidenceFormatException e)
        {
            return Malformed(tee, e);
        }
    }

    /// <summary>The verdict on bytes that are no evidence: everything refused, with the reason at <see cref="CheckNames.Form"/>.</summary>
    public static Verdict Malformed(TeeKind tee, EvidenceFormatException reason)
    {
        CheckLog log = new(tee);
        log.Is(CheckNames.Form, false, $"{tee.Name()} evidence", reason.Message);
        return new(tee, null, log.ToChecks());
    }
}
