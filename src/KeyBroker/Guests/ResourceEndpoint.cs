using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Sessions;
using Pavise.Session;
using Pavise.Session.Extensions;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary><c>GET /kbs/v0/resource/{repository}/{type}/{tag}</c>: one resource, encrypted to the attested key: of no use to whoever copied the cookie.</summary>
internal sealed class ResourceEndpoint(SessionTable sessions, TokenKeys keys, ReleaseService releases, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context)
    {
        ResourceUri resource = Requests.Resource(context);
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

        ResourceAnswer answer = (await releases.ReleaseAsync(session, guest, [resource]))[0];
        if (answer.Content is { } content)
        {
            await Answers.JsonAsync(context, Jwe.Encrypt(guest.Key, content));
            return;
        }

        Problem refusal = answer.Refusal!;
        int status = refusal == Problems.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status403Forbidden;
        await Answers.ProblemAsync(context, status, refusal);
    }
}
