using Pavise.Attestation.Certificates;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Kbs;

/// <summary>The name of a certificate's role in SNP's certificate table (GHCB specification, SNP extended guest request). A label only: verification looks at the certificate.</summary>
internal static class CertificateTypes
{
    public static string Of(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            DerCertificate certificate = DerCertificate.Parse(encoded.Span);
            if (SnpCertificate.Is(certificate))
            {
                return SnpCertificate.Parse(certificate).Kind == SnpSigningKey.Vlek ? "VLEK" : "VCEK";
            }

            return DistinguishedName.CommonName(certificate.Subject).StartsWith("ARK-", StringComparison.Ordinal) ? "ARK" : "ASK";
        }
        catch (EvidenceFormatException)
        {
            return "VCEK";
        }
    }
}
