using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using Pavise.Attestation;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Metrics;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Sessions;
using Pavise.Session;
using Pavise.Session.Admin;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary><c>POST /kbs/v0/attest</c>: verifies evidence and gives a token. A challenge is used once, whatever comes of it.</summary>
internal sealed class AttestEndpoint(
    SessionTable sessions, EvidenceJudge judge, TokenKeys keys, AuditLog audit, RefusalBudget refusals, RuleBook rules, BrokerConfiguration configuration, BrokerMetrics metrics, TimeProvider clock)
{
    private static readonly string Build = $"pavise-keybroker {typeof(AttestEndpoint).Assembly.GetName().Version?.ToString(3)}";

    private readonly KnownDocuments _documents = new();

    public async Task HandleAsync(HttpContext context)
    {
        AttestRequest request = AttestRequest.Parse(await Requests.BodyAsync(context, SessionLimits.AttestBytes));
        GuestSession? session = SessionCookie.ByCookie(context, sessions);
        if (session is null)
        {
            // Anybody can send this at no cost, and an audit that anybody can fill is none.
            await Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.NoSession);
            return;
        }

        (Problem Problem, Check Check)? refusal = !session.TakeChallenge() ? (Problems.ChallengeUsed, ExchangeChecks.ChallengeUsed)
            : request.Nonce != session.Nonce ? (Problems.OtherNonce, ExchangeChecks.OtherNonce(session, request))
            : request.AdditionalEvidence is not ("" or "{}") ? (Problems.Evidence("evidence of further devices is not verified here; send none"), ExchangeChecks.FurtherDevices(request))
            : null;
        if (refusal is { } refused)
        {
            await RefuseAsync(context, session, refused.Problem, [refused.Check]);
            return;
        }

        (BoundDocument Document, string Key)? shown;
        try
        {
            shown = request.InitData is { } init ? _documents.Read(init) : null;
        }
        catch (SessionFormatException e)
        {
            await RefuseAsync(context, session, Problems.Evidence(e.Message), [ExchangeChecks.DocumentRefused(e.Message)]);
            return;
        }

        long began = Stopwatch.GetTimestamp();
        byte[] reportData = request.ReportDataFor(session.Hash);
        (Verdict verdict, AuthenticatedEvidence? evidence) = await judge.JudgeAsync(session.Tee, request.PrimaryEvidence, reportData, shown?.Document.Digest, context.RequestAborted);
        metrics.Attested(session.Tee.Name(), verdict.Accepted ? "accepted" : "refused", Stopwatch.GetElapsedTime(began));
        if (!verdict.Accepted)
        {
            await RefuseAsync(context, session, Problems.Evidence($"the evidence is refused; failing: {string.Join(", ", verdict.Refusals.Select(c => c.Name))}"), verdict.Checks);
            return;
        }

        if (shown is { } bound)
        {
            _documents.Remember(bound.Key, bound.Document);
        }

        AttestedGuest guest = new()
        {
            Evidence = evidence!,
            ReportData = reportData,
            Document = shown?.Document,
            Key = request.TeePublicKey,
            ProofKey = RandomNumberGenerator.GetBytes(RequestProof.KeyBytes),
            TokenId = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            Address = Address(context),
        };
        byte[] sealedProofKey = Jwe.Encrypt(guest.Key, guest.ProofKey);
        await audit.WriteAsync("attested", json =>
        {
            AuditContent.WriteGuest(json, session, guest);
            json.WriteString("policy", guest.DigestText);
            json.WriteString("measurement", evidence!.Claims.Measurement.ToString());
            AuditContent.WriteChecks(json, verdict.Checks);
        });
        DateTimeOffset now = clock.GetUtcNow();
        sessions.Attested(session, guest, now + configuration.SessionLife);
        await Answers.JsonAsync(context, new AttestAnswer(Token(session, guest, now), keys.Public, sealedProofKey).Write());
    }

    private string Token(GuestSession session, AttestedGuest guest, DateTimeOffset now) => Jwt.Sign(keys.Signing, new EarToken
    {
        Id = guest.TokenId,
        IssuedAt = now,
        ExpiresAt = now + configuration.SessionLife,
        Status = IsAppraised(guest) ? "affirming" : "none",
        Tee = session.Tee.Name(),
        InitData = guest.DigestText,
        ReportData = Convert.ToHexStringLower(guest.ReportData),
        Measurement = guest.Evidence.Claims.Measurement.ToString(),
        TeePublicKey = guest.Key,
        Nonce = session.Nonce,
        Policy = guest.Document?.Policy is null ? null : guest.Workload,
    }.ToClaims(Build));

    // Everybody's genuine guest attests. Only a rule that names policy, measurement and the platform's state says that one is somebody's workload.
    private bool IsAppraised(AttestedGuest guest)
    {
        string digest = guest.DigestText;
        return rules.All.Any(r => r.Rule is { AnyMeasurement: false, AnyTcb: false, NoCollateral: false } && Concerns(r.Rule.Policy) && RuleAppraisal.Appraise(guest, r, rules).Permits);

        // Most rules are of other workloads, which is seen without holding the evidence against them.
        bool Concerns(PolicyDemand policy) => policy.IsSigned
            ? policy.Name == guest.Document?.Policy?.Name
            : string.Equals(policy.Sha256, digest, StringComparison.OrdinalIgnoreCase) || string.Equals(policy.Sha384, digest, StringComparison.OrdinalIgnoreCase);
    }

    private async Task RefuseAsync(HttpContext context, GuestSession session, Problem problem, IReadOnlyList<Check> checks)
    {
        if (refusals.Take(session.Source, RefusalBudget.AttestationsOfOne))
        {
            await audit.WriteAsync("attestation-refused", json =>
            {
                json.WriteString("session", session.Label);
                json.WriteString("tee", session.Tee.Name());
                json.WriteString("address", Address(context));
                json.WriteString("reason", problem.Reason);
                json.WriteString("detail", problem.Detail);
                AuditContent.WriteChecks(json, checks);
            });
        }

        if (problem != Problems.ChallengeUsed)
        {
            sessions.Remove(session);
        }

        await Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, problem);
    }

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
}
