using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pavise.Session.Protocol;

/// <summary>
/// The TLS of an owner session: version 1.3 only, both sides with certificates, no resumption, nothing downloaded. No certificate authority has a say: what
/// counts is the key of each certificate, which the other side compares with the policy, or with the evidence.
/// </summary>
public static class SessionTls
{
    /// <summary>The protocol's name, in the handshake.</summary>
    public static readonly SslApplicationProtocol Protocol = new("pavise-session/1");

    // Longer than any guest's clock is wrong: the times of these certificates say nothing.
    private static readonly DateTimeOffset From = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), To = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>A self-signed certificate over an owner's signing key.</summary>
    public static X509Certificate2 CreateOwnerCertificate(ECDsa signKey)
    {
        CertificateRequest request = new("CN=pavise-owner", signKey, signKey.KeySize == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384);
        return request.CreateSelfSigned(From, To);
    }

    /// <summary>The guest's side.</summary>
    /// <param name="certificate">With the boot key and evidence over it.</param>
    /// <param name="peer">Is given the key of the client's certificate, SubjectPublicKeyInfo.</param>
    internal static SslServerAuthenticationOptions Server(X509Certificate2 certificate, Action<byte[]> peer) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateRequired = true,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        ApplicationProtocols = [Protocol],
        CertificateChainPolicy = NoChain(),
        RemoteCertificateValidationCallback = (_, shown, _, _) => Take(shown, c => peer(c.PublicKey.ExportSubjectPublicKeyInfo())),
    };

    /// <summary>The owner's side.</summary>
    /// <param name="certificate">With the owner's signing key.</param>
    /// <param name="peer">Is given the guest's certificate, DER. What it is worth is judged afterwards, before anything is sent.</param>
    internal static SslClientAuthenticationOptions Client(X509Certificate2 certificate, Action<byte[]> peer) => new()
    {
        TargetHost = "pavise",
        ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        ApplicationProtocols = [Protocol],
        CertificateChainPolicy = NoChain(),
        RemoteCertificateValidationCallback = (_, shown, _, _) => Take(shown, c => peer(c.RawData)),
    };

    private static bool Take(X509Certificate? shown, Action<X509Certificate2> take)
    {
        if (shown is not X509Certificate2 certificate)
        {
            return false;
        }

        take(certificate);
        return true;
    }

    private static X509ChainPolicy NoChain() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}
