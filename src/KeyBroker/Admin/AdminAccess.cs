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

    /// <summary>Lets only administrators through.</summary>
    public RequestDelegate Only(Func<HttpContext, Administrator, Task> handle) => context => Of(context) is { } administrator
        ? handle(context, administrator)
        : Answers.ProblemAsync(context, StatusCodes.Status401Unauthorized, Problems.Admin);

    private Administrator? Find(X509Certificate2 certificate)
    {
        string key = Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        return configuration.Administrators.FirstOrDefault(a => a.SpkiSha256 == key);
    }
}
