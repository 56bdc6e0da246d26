using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Guests;
using Pavise.KeyBroker.Http;

namespace Pavise.KeyBroker.Admin;

/// <summary>
/// Who administers: the admin listener asks for a client certificate, the guests' one never does. Of the certificate only the key counts, and it must be one of
/// the configured ones; TLS has shown that the client has it.
/// </summary>
internal sealed class AdminAccess(BrokerConfiguration configuration)
{
    /// <summary>For the admin listener's handshake.</summary>
    public bool Accepts(X509Certificate2 certificate) => Find(certificate) is not null;

    /// <summary>The administrator of a connection, or null.</summary>
    public Administrator? Of(HttpContext context) => context.Connection.ClientCertificate is { } certificate ? Find(certificate) : null;

    /// <summary>Lets only administrators through, and of their browsers only what this broker's own page asks.</summary>
    public RequestDelegate Only(Func<HttpContext, Administrator, Task> handle) => context => Of(context) is not { } administrator
        ? Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.Admin)
        : IsOfAnotherSite(context.Request)
            ? Answers.ProblemAsync(context, StatusCodes.Status403Forbidden, Problems.OtherSite)
            : handle(context, administrator);

    // A browser that shows the status page has the administrator's certificate, and would show it for a request that any other page makes. Browsers say whose
    // request it is (Fetch Metadata, RFC 6454); other clients say nothing.
    private static bool IsOfAnotherSite(HttpRequest request)
    {
        string site = request.Headers["Sec-Fetch-Site"].ToString(), origin = request.Headers.Origin.ToString();
        return site is not ("" or "same-origin" or "none") || (origin.Length > 0 && origin != $"https://{request.Host}");
    }

    private Administrator? Find(X509Certificate2 certificate)
    {
        string key = Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        return configuration.Administrators.FirstOrDefault(a => a.SpkiSha256 == key);
    }
}
