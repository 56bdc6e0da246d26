using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pavise.Session.Client;

/// <summary>TLS 1.3 to a broker whose key is known. The certificate is only the key's wrapping: no authority is asked, nothing is downloaded.</summary>
internal static class PinnedTls
{
    /// <param name="transport">Bytes to the broker; disposed with the result, and on failure.</param>
    /// <param name="endpoint">Which broker.</param>
    /// <param name="client">The client's certificate with its key, for an administrator.</param>
    /// <param name="cancellation">Ends the handshake.</param>
    /// <exception cref="BrokerException">Another key, or no TLS 1.3.</exception>
    public static async Task<SslStream> ConnectAsync(Stream transport, BrokerEndpoint endpoint, X509Certificate2? client, CancellationToken cancellation)
    {
        string? found = null;
        SslStream tls = new(transport, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = endpoint.Host,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowRenegotiation = false,
                    AllowTlsResume = false,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
                    ClientCertificates = client is null ? null : [client],
                    LocalCertificateSelectionCallback = client is null ? null : (_, _, _, _, _) => client,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => Matches(certificate, endpoint, out found),
                },
                cancellation);
            return tls;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            await tls.DisposeAsync();
            throw found is not null
                ? new BrokerException(BrokerFailure.WrongBroker, $"the key broker at {endpoint.Host}:{endpoint.Port} has the key {found}, not {endpoint.PinText}", null, e)
                : new BrokerException(BrokerFailure.Unreachable, $"no TLS 1.3 with the key broker at {endpoint.Host}:{endpoint.Port}: {e.Message}", null, e);
        }
    }

    private static bool Matches(X509Certificate? certificate, BrokerEndpoint endpoint, out string? found)
    {
        found = "none";
        if (certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        byte[] digest = SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo());
        bool matches = CryptographicOperations.FixedTimeEquals(digest, endpoint.KeySha256.Span);
        found = matches ? null : "spki-sha256:" + Convert.ToHexStringLower(digest);
        return matches;
    }
}
