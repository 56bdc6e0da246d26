using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation;

/// <summary>
/// Evidence whose origin was examined (not necessarily with success): the costly half of a verification. It can be appraised against several requirements,
/// such as the rules of several resources.
/// </summary>
public sealed class AuthenticatedEvidence
{
    private readonly CheckLog _log;

    internal AuthenticatedEvidence(CheckLog log, EvidenceClaims claims) => (_log, Claims) = (log, claims);

    /// <summary>What the evidence claims; to be believed only after an accepting verdict.</summary>
    public EvidenceClaims Claims { get; }

    /// <summary>Compares the claims with requirements; the verdict holds the checks of the origin too.</summary>
    public Verdict Appraise(EvidenceRequirements requirements)
    {
        CheckLog log = _log.Copy();
        log.Is(
            CheckNames.Kind,
            requirements.Tees.Contains(Claims.Tee),
            requirements.Tees.IsEmpty ? "none" : string.Join(" or ", requirements.Tees.Select(t => t.Name())),
            Claims.Tee.Name());
        switch (Claims.Tee)
        {
            case TeeKind.Snp:
                SnpAppraisal.Run(Claims, requirements.Snp, log);
                SnpGuestAppraisal.Run(Claims.Snp!, requirements.Snp, log);
                break;
            case TeeKind.Tdx:
                TdxAppraisal.Run(Claims, requirements.Tdx, log);
                break;
            default:
                SnpGuestAppraisal.Run(Claims.Snp!, requirements.Snp, log);
                break;
        }

        ValueAppraisal.Run(Claims, requirements, log);
        return new(Claims.Tee, Claims, log.ToChecks());
    }
}
