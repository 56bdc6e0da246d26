using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.BootKeys;

/// <summary>
/// The certificate of a guest's boot key: self-signed X.509, with evidence over that key in an extension (known as RA-TLS). It is good for one boot and names
/// nobody; its times say nothing, since the guest has no clock to trust: what is fresh, evidence over a nonce shows.
/// </summary>
public sealed record BootCertificate
{
    /// <summary>The extension that holds <see cref="EvidenceDer"/>, an identifier made of a UUID (ITU-T X.667).</summary>
    public const string EvidenceExtension = "2.25.21687787384661710263664755609666085099";

    private const string Name = "CN=pavise";
    private const int P384Bits = 384;

    // ecdsa-with-SHA384, RFC 5758 section 3.2.
    private static readonly byte[] EcdsaSha384 = Convert.FromHexString("300a06082a8648ce3d040303");

    // RFC 5280, section 4.1.2.5: the end that means none.
    private static readonly DateTimeOffset From = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), To = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private BootCertificate(ReadOnlyMemory<byte> publicKey, LaunchEvidence evidence, bool isSelfSigned) => (PublicKey, Evidence, IsSelfSigned) = (publicKey, evidence, isSelfSigned);

    /// <summary>The boot key, SubjectPublicKeyInfo in DER.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The evidence; nothing in it is verified.</summary>
    public LaunchEvidence Evidence { get; }

    /// <summary>Whether the certificate's signature is by its own key.</summary>
    public bool IsSelfSigned { get; }

    /// <summary>Makes the certificate.</summary>
    /// <param name="key">The boot key, P-384. Stays where it is.</param>
    /// <param name="evidence">Evidence over <see cref="BootKeyReportData.ForCertificate"/>.</param>
    /// <returns>With the private key, for a TLS server.</returns>
    public static X509Certificate2 Create(ECDsa key, LaunchEvidence evidence)
    {
        CertificateRequest request = new(Name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509Extension(EvidenceExtension, EvidenceDer.Write(evidence), critical: false));
        return request.CreateSelfSigned(From, To);
    }

    /// <summary>Reads a certificate. Of trust in it nothing is said: see <see cref="BootKeyVerifier"/>.</summary>
    /// <exception cref="EvidenceFormatException">The bytes are no such certificate.</exception>
    public static BootCertificate Parse(ReadOnlySpan<byte> der)
    {
        DerCertificate certificate = DerCertificate.Parse(der, AttestationLimits.BootCertificateBytes);
        ReadOnlyMemory<byte> extension = certificate.Extension(EvidenceExtension) ?? throw new EvidenceFormatException("the certificate holds no evidence");
        LaunchEvidence evidence = EvidenceDer.Read(extension);
        bool holds = certificate.Issuer.Span.SequenceEqual(certificate.Subject.Span)
            && certificate.SignatureAlgorithm.Span.SequenceEqual(EcdsaSha384)
            && Signatures.EcdsaHolds(
                certificate.PublicKey.Span, certificate.Signed.Span, certificate.Signature.Span, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence, P384Bits);
        return new(certificate.PublicKey, evidence, holds);
    }
}
