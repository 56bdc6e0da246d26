using System.Collections.Immutable;

namespace Pavise.Attestation.Certificates;

/// <summary>Untrusted certificates from which a chain is put together.</summary>
internal sealed class CertificatePool
{
    private static readonly string[] KnownCritical = [CertificateExtensions.BasicConstraints, CertificateExtensions.KeyUsage];

    private CertificatePool(ImmutableArray<DerCertificate> certificates, string? problem) => (Certificates, Problem) = (certificates, problem);

    /// <summary>Those that could be read.</summary>
    public ImmutableArray<DerCertificate> Certificates { get; }

    /// <summary>Why one could not be read, or null.</summary>
    public string? Problem { get; }

    public static CertificatePool Read(ImmutableArray<ReadOnlyMemory<byte>> encoded)
    {
        ImmutableArray<DerCertificate>.Builder read = ImmutableArray.CreateBuilder<DerCertificate>();
        string? problem = null;
        for (int i = 0; i < encoded.Length; i++)
        {
            try
            {
                // Hosts load the certificate table of SNP from files of either form.
                ImmutableArray<ReadOnlyMemory<byte>> parts = encoded[i].Span.StartsWith("-----BEGIN"u8) ? Pem.Certificates(encoded[i].Span) : [encoded[i]];
                read.AddRange(parts.Select(p => DerCertificate.Parse(p.Span)));
            }
            catch (EvidenceFormatException e)
            {
                problem ??= $"certificate {i + 1}: {e.Message}";
            }
        }

        return new(read.ToImmutable(), problem);
    }

    /// <summary>A certificate whose subject is the issuer of this one; one whose key really signed it where there are several. Null: none of that name.</summary>
    public DerCertificate? IssuerOf(DerCertificate certificate)
    {
        DerCertificate[] named = [.. Certificates.Where(c => c.Subject.Span.SequenceEqual(certificate.Issuer.Span))];
        return named.Length < 2 ? named.FirstOrDefault() : named.FirstOrDefault(c => Signed(certificate, c)) ?? named[0];
    }

    /// <summary>Whether a certificate names this issuer and carries its signature.</summary>
    public static bool Signed(DerCertificate certificate, DerCertificate issuer) =>
        certificate.Issuer.Span.SequenceEqual(issuer.Subject.Span)
        && Signatures.Hold(certificate.SignatureAlgorithm.Span, issuer.PublicKey.Span, certificate.Signed.Span, certificate.Signature.Span);

    /// <summary>Whether each critical extension is one that is checked here.</summary>
    public static bool KnowsCriticalExtensions(DerCertificate certificate) => certificate.Extensions.All(e => !e.Critical || KnownCritical.Contains(e.Oid));
}
