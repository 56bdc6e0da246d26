using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;
using Pavise.KeyBroker.Configuration;

namespace Pavise.KeyBroker.Guests;

/// <summary>Examines the origin of evidence: <see cref="EvidenceVerifier.Authenticate(LaunchEvidence, VerificationCollateral, DateTimeOffset)"/>.</summary>
internal delegate AuthenticatedEvidence Authenticate(LaunchEvidence evidence, VerificationCollateral collateral, DateTimeOffset now);

/// <summary>
/// Verifies the evidence of an attestation: its origin, that it answers this challenge with this key, that it binds the document that was shown, and that it is no
/// debug guest. What only a rule can ask (measurement, policy, TCB) is listed as not asked here.
/// </summary>
internal sealed class EvidenceJudge(ICollateralSource collateral, BrokerConfiguration configuration, TimeProvider clock, Authenticate authenticate)
{
    public async Task<(Verdict Verdict, AuthenticatedEvidence? Evidence)> JudgeAsync(
        TeeKind tee, ReadOnlyMemory<byte> json, byte[] reportData, PolicyDigest? document, CancellationToken cancellation)
    {
        LaunchEvidence evidence;
        try
        {
            evidence = EvidenceJson.Read(tee, json);
        }
        catch (EvidenceFormatException e)
        {
            return (EvidenceVerifier.Malformed(tee, e), null);
        }

        VerificationCollateral found = VerificationCollateral.None;
        if (CollateralRequest.For(evidence) is { } request)
        {
            try
            {
                found = await collateral.FindAsync(request, cancellation);
            }
            catch (CollateralException)
            {
                // What is missing shows as a check that was not evaluated.
            }
        }

        AuthenticatedEvidence authenticated = authenticate(evidence, found, clock.GetUtcNow());
        return (authenticated.Appraise(Requirements(reportData, document)), authenticated);
    }

    private EvidenceRequirements Requirements(byte[] reportData, PolicyDigest? document) => new()
    {
        Tees = configuration.Simulated ? [TeeKind.Snp, TeeKind.Tdx, TeeKind.Simulated] : [TeeKind.Snp, TeeKind.Tdx],
        ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(reportData),
        Policy = document is null ? Expected<PolicyDigest>.Any : Expected<PolicyDigest>.OneOf(document),
        Measurement = Expected<LaunchMeasurement>.Any,
        Snp = new SnpRequirements { AnyTcb = true, NoRevocationList = true, PlatformRequired = 0 },
        Tdx = new TdxRequirements
        {
            NoCollateral = true,
            Statuses = [.. Enum.GetValues<TcbStatus>().Where(s => s != TcbStatus.Revoked)],
        },
    };
}
