using System.Globalization;
using Pavise.KeyBroker.Sessions;
using Pavise.Session;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>How a request names its session: the cookie <c>kbs-session-id</c>, or the token as bearer.</summary>
internal static class SessionCookie
{
    public static string Write(GuestSession session, TimeSpan life) =>
        string.Create(CultureInfo.InvariantCulture, $"{BrokerPaths.SessionCookie}={session.Id}; Path=/kbs; Max-Age={(long)life.TotalSeconds}; Secure; HttpOnly; SameSite=Strict");

    /// <summary>The session by its cookie, or null.</summary>
    public static GuestSession? ByCookie(HttpContext context, SessionTable sessions) =>
        context.Request.Cookies.TryGetValue(BrokerPaths.SessionCookie, out string? id) && id.Length <= 64 ? sessions.Find(id) : null;

    /// <summary>The session by bearer token where there is one, else by cookie.</summary>
    public static GuestSession? Find(HttpContext context, SessionTable sessions, TokenKeys keys, TimeProvider clock)
    {
        string authorization = context.Request.Headers.Authorization.ToString();
        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return ByCookie(context, sessions);
        }

        try
        {
            return sessions.FindByToken(EarToken.Verify(authorization["Bearer ".Length..].Trim(), keys.Verification, clock.GetUtcNow()).Id);
        }
        catch (SessionFormatException)
        {
            return null;
        }
    }
}
