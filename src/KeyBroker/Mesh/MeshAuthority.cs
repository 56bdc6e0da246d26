using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Store;
using Pavise.Session;

namespace Pavise.KeyBroker.Mesh;

/// <summary>The CA of the mesh: P-384, made once, kept sealed. Of a request it takes the key; every name and extension is its own.</summary>
internal sealed class MeshAuthority : IDisposable
{
    private const string KeySetting = "mesh-key", CertificateSetting = "mesh-certificate";

    private readonly X509Certificate2 _authority;

    private MeshAuthority(X509Certificate2 authority) => _authority = authority;

    /// <summary>DER.</summary>
    public byte[] Certificate => _authority.RawData;

    public static async Task<MeshAuthority> OpenAsync(IBrokerStore store, Vault vault, TimeProvider clock)
    {
        ECDsa key = await SealedKey.OpenAsync(store, vault, KeySetting, ECCurve.NamedCurves.nistP384);
        byte[] der = await store.ChangeAsync(change =>
        {
            if (change.Setting(CertificateSetting) is { } stored)
            {
                return stored;
            }

            byte[] made = SelfSigned(key, clock.GetUtcNow());
            change.SetSetting(CertificateSetting, made);
            return made;
        });
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
        return new(certificate.CopyWithPrivateKey(key));
    }

    /// <summary>Signs a workload's key.</summary>
    /// <param name="request">PKCS #10, DER; its own signature must hold.</param>
    /// <param name="workload">The name that the policy has: CN and DNS name, and <c>spiffe://pavise/workload/NAME</c>.</param>
    /// <param name="from">When it begins, less a minute for clocks.</param>
    /// <param name="life">How long it lives.</param>
    /// <exception cref="SessionFormatException">It is no request, or its key is not on P-256 or P-384.</exception>
    public byte[] Sign(byte[] request, string workload, DateTimeOffset from, TimeSpan life)
    {
        PublicKey key;
        try
        {
            key = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA384).PublicKey;
            using ECDsa? ec = key.GetECDsaPublicKey();
            if (ec?.KeySize is not (256 or 384))
            {
                throw new SessionFormatException("the key of a certificate request must be on P-256 or P-384");
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new SessionFormatException($"this is no PKCS #10 request whose signature holds: {e.Message}");
        }

        CertificateRequest certificate = new(Name(workload), key, HashAlgorithmName.SHA384);
        certificate.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        certificate.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        certificate.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], true));
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(workload);
        names.AddUri(new Uri($"spiffe://pavise/workload/{workload}"));
        certificate.CertificateExtensions.Add(names.Build());
        certificate.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        certificate.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        DateTimeOffset end = from + life;
        return certificate.Create(_authority, from.AddMinutes(-1), end < _authority.NotAfter ? end : _authority.NotAfter, serial).RawData;
    }

    public void Dispose() => _authority.Dispose();

    private static byte[] SelfSigned(ECDsa key, DateTimeOffset now)
    {
        CertificateRequest request = new(Name("Pavise mesh"), key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddMinutes(-1), now.AddYears(10));
        return certificate.RawData;
    }

    private static X500DistinguishedName Name(string common)
    {
        X500DistinguishedNameBuilder name = new();
        name.AddCommonName(common);
        return name.Build();
    }
}
