using Pavise.Attestation;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Metrics;
using Pavise.KeyBroker.Sessions;
using Pavise.Session;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary><c>POST /kbs/v0/auth</c>: gives a challenge.</summary>
internal sealed class AuthEndpoint(SessionTable sessions, AuditLog audit, RefusalBudget refusals, BrokerConfiguration configuration, BrokerMetrics metrics)
{
    public async Task HandleAsync(HttpContext context)
    {
        AuthRequest request = AuthRequest.Parse(await Requests.BodyAsync(context, SessionLimits.AuthBytes));
        if (request.Version != AuthRequest.ProtocolVersion)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.Version($"this broker speaks {AuthRequest.ProtocolVersion}, not {Printable(request.Version)}"));
            return;
        }

        if (TeeKinds.Find(request.Tee) is not { } tee || (tee == TeeKind.Simulated && !configuration.Simulated))
        {
            string known = configuration.Simulated ? "snp, tdx and sim" : "snp and tdx";
            await AuditAsync(context, ExchangeChecks.KindRefused(known, request.Tee));
            await Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.Evidence($"this broker verifies evidence of {known}, not of {Printable(request.Tee)}"));
            return;
        }

        string hash = HashNames.Select(request.SupportedHashes);
        if (sessions.Begin(tee, hash, Source.Of(context), configuration.ChallengeLife) is not { } session)
        {
            context.Response.Headers.RetryAfter = "5";
            await Answers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, Problems.Busy);
            return;
        }

        metrics.Challenged();
        context.Response.Headers.SetCookie = SessionCookie.Write(session, configuration.SessionLife);
        await Answers.JsonAsync(context, new Challenge(session.Nonce, hash).Write());
    }

    private async Task AuditAsync(HttpContext context, Check check)
    {
        if (refusals.Take(Source.Of(context), RefusalBudget.AttestationsOfOne))
        {
            await audit.WriteAsync("challenge-refused", json =>
            {
                json.WriteString("address", context.Connection.RemoteIpAddress?.ToString() ?? "unknown");
                json.WriteString("reason", Problems.Evidence("").Reason);
                AuditContent.WriteChecks(json, [check]);
            });
        }
    }

    private static string Printable(string text) => new([.. text.Where(c => c is > ' ' and <= '~')]);
}
