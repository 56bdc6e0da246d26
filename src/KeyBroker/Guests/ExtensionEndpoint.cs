using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Sessions;
using Pavise.Session;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>An answer of an extended request.</summary>
internal readonly record struct ExtensionAnswer(int Status, byte[] Body)
{
    public static ExtensionAnswer Done(byte[] body) => new(StatusCodes.Status200OK, body);

    public static ExtensionAnswer Refused(int status, Problem problem) => new(status, problem.Write(status));
}

/// <summary>
/// What only Pavise's own broker has: requests with a proof that they come from the attested guest (<see cref="RequestProof"/>), one at a time for each session.
/// A request that comes again with the same proof, since its connection broke, gets the answer that it got before.
/// </summary>
internal sealed class ExtensionEndpoint(SessionTable sessions, TokenKeys keys, TimeProvider clock)
{
    /// <summary>Larger answers (batches) are made anew instead of kept: they change nothing the second time.</summary>
    private const int MostKept = 16 * 1024;

    public RequestDelegate Of(int mostBytes, Func<HttpContext, GuestSession, AttestedGuest, byte[], Task<ExtensionAnswer>> handle) =>
        context => HandleAsync(context, mostBytes, handle);

    private async Task HandleAsync(HttpContext context, int mostBytes, Func<HttpContext, GuestSession, AttestedGuest, byte[], Task<ExtensionAnswer>> handle)
    {
        if (SessionCookie.Find(context, sessions, keys, clock) is not { } session)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.NoSession);
            return;
        }

        if (session.Guest is not { } guest)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.NotAttested);
            return;
        }

        byte[] body = await Requests.BodyAsync(context, mostBytes);
        long? proof = RequestProof.Check(guest.ProofKey, context.Request.Method, context.Request.Path, context.Request.Headers[RequestProof.Header], body);
        if (proof is not { } counter)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.NoProof);
            return;
        }

        await session.Turn.WaitAsync(context.RequestAborted);
        try
        {
            ExtensionAnswer answer = await AnswerAsync(context, session, guest, body, counter, handle);
            await Answers.SendAsync(context, answer.Status, answer.Status == StatusCodes.Status200OK ? "application/json" : Problem.MediaType, answer.Body);
        }
        finally
        {
            session.Turn.Release();
        }
    }

    private static async Task<ExtensionAnswer> AnswerAsync(
        HttpContext context, GuestSession session, AttestedGuest guest, byte[] body, long counter, Func<HttpContext, GuestSession, AttestedGuest, byte[], Task<ExtensionAnswer>> handle)
    {
        if (counter < session.LastProof)
        {
            return ExtensionAnswer.Refused(StatusCodes.Status401Unauthorized, Problems.NoProof);
        }

        // The same proof is the same request: the MAC covers method, path and body.
        if (counter == session.LastProof && session.LastAnswer is { } kept)
        {
            return new(kept.Status, kept.Body);
        }

        (session.LastProof, session.LastAnswer) = (counter, null);
        ExtensionAnswer answer;
        try
        {
            answer = await handle(context, session, guest, body);
        }
        catch (SessionFormatException e)
        {
            answer = ExtensionAnswer.Refused(StatusCodes.Status400BadRequest, Problems.Malformed(e.Message));
        }

        if (answer.Body.Length <= MostKept)
        {
            session.LastAnswer = (answer.Status, answer.Body);
        }

        return answer;
    }
}
