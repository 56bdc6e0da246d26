using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Pavise.Attestation.Certificates;

/// <summary>Reads extensions (RFC 5280, section 4.2), of certificates and of revocation lists.</summary>
internal static class CertificateExtensions
{
    public const string BasicConstraints = "2.5.29.19";
    public const string KeyUsage = "2.5.29.15";

    /// <summary>Reads the sequence of extensions inside its context tag.</summary>
    public static ImmutableArray<CertificateExtension> Read(AsnReader wrapper)
    {
        AsnReader list = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        ImmutableArray<CertificateExtension>.Builder extensions = ImmutableArray.CreateBuilder<CertificateExtension>();
        HashSet<string> seen = [];
        while (list.HasData)
        {
            AsnReader item = list.ReadSequence();
            string oid = item.ReadObjectIdentifier();
            bool critical = item.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && item.ReadBoolean();
            extensions.Add(new(oid, critical, item.ReadOctetString()));
            item.ThrowIfNotEmpty();
            if (!seen.Add(oid))
            {
                throw new EvidenceFormatException($"extension {oid} stands twice");
            }

            if (extensions.Count > AttestationLimits.Extensions)
            {
                throw new EvidenceFormatException($"more than {AttestationLimits.Extensions} extensions");
            }
        }

        return extensions.ToImmutable();
    }

    /// <summary>Whether basic constraints say CA and key usage, where it is present, permits signing certificates.</summary>
    public static bool IsCertificateAuthority(DerCertificate certificate)
    {
        try
        {
            if (certificate.Extension(BasicConstraints) is not { } constraints)
            {
                return false;
            }

            AsnReader reader = new(constraints, AsnEncodingRules.DER);
            AsnReader content = reader.ReadSequence();
            return content.HasData && content.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && content.ReadBoolean() && MaySign(certificate);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    // KeyUsage ::= BIT STRING { ..., keyCertSign (5), ... }: bit 5 from the left.
    private static bool MaySign(DerCertificate certificate)
    {
        if (certificate.Extension(KeyUsage) is not { } usage)
        {
            return true;
        }

        byte[] bits = new AsnReader(usage, AsnEncodingRules.DER).ReadBitString(out _);
        return bits.Length > 0 && (bits[0] & 0x04) != 0;
    }
}
