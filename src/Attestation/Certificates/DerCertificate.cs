using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Pavise.Attestation.Certificates;

/// <summary>One extension of a certificate.</summary>
/// <param name="Oid">Its object identifier.</param>
/// <param name="Critical">Whether a verifier that does not know it must refuse.</param>
/// <param name="Value">Content of its OCTET STRING.</param>
internal sealed record CertificateExtension(string Oid, bool Critical, ReadOnlyMemory<byte> Value);

/// <summary>
/// An X.509 certificate (RFC 5280, section 4.1), read strictly as DER: version 3, inner and outer signature algorithm equal, each extension once, nothing
/// behind the end. Reading checks the form only.
/// </summary>
internal sealed record DerCertificate
{
    /// <summary>The whole certificate.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>TBSCertificate with its tag: what the signature covers.</summary>
    public required ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>Serial number, content of the INTEGER.</summary>
    public required ReadOnlyMemory<byte> Serial { get; init; }

    /// <summary>AlgorithmIdentifier of the signature, with its tag.</summary>
    public required ReadOnlyMemory<byte> SignatureAlgorithm { get; init; }

    /// <summary>Issuer, with its tag. Names are compared byte for byte.</summary>
    public required ReadOnlyMemory<byte> Issuer { get; init; }

    /// <summary>Subject, with its tag.</summary>
    public required ReadOnlyMemory<byte> Subject { get; init; }

    /// <summary>Begin of validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>SubjectPublicKeyInfo, with its tag.</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>Extensions in their order.</summary>
    public required ImmutableArray<CertificateExtension> Extensions { get; init; }

    /// <summary>Signature value.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Reads a certificate from exactly its bytes, which are copied.</summary>
    /// <exception cref="EvidenceFormatException">The bytes are no certificate of this form.</exception>
    public static DerCertificate Parse(ReadOnlySpan<byte> bytes, int most = AttestationLimits.CertificateBytes)
    {
        if (bytes.Length > most)
        {
            throw new EvidenceFormatException($"a certificate has at most {most} bytes, not {bytes.Length}");
        }

        try
        {
            return Read(bytes.ToArray());
        }
        catch (AsnContentException e)
        {
            throw new EvidenceFormatException($"not a certificate in DER: {e.Message}");
        }
    }

    /// <summary>The value of an extension, null when it is absent.</summary>
    public ReadOnlyMemory<byte>? Extension(string oid) => Extensions.FirstOrDefault(e => e.Oid == oid)?.Value;

    private static DerCertificate Read(byte[] raw)
    {
        AsnReader file = new(raw, AsnEncodingRules.DER);
        AsnReader certificate = file.ReadSequence();
        file.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> signed = certificate.PeekEncodedValue();
        AsnReader body = certificate.ReadSequence();
        ReadOnlyMemory<byte> algorithm = Encoded(certificate, Asn1Tag.Sequence);
        byte[] signature = certificate.ReadBitString(out int unused);
        certificate.ThrowIfNotEmpty();
        if (unused != 0)
        {
            throw new EvidenceFormatException("a certificate's signature is not whole bytes");
        }

        AsnReader version = body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        if (!version.TryReadInt32(out int number) || number != 2)
        {
            throw new EvidenceFormatException("a certificate must be of X.509 version 3");
        }

        version.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> serial = body.ReadIntegerBytes();
        if (!Encoded(body, Asn1Tag.Sequence).Span.SequenceEqual(algorithm.Span))
        {
            throw new EvidenceFormatException("a certificate's inner and outer signature algorithm differ");
        }

        ReadOnlyMemory<byte> issuer = Encoded(body, Asn1Tag.Sequence);
        AsnReader validity = body.ReadSequence();
        DateTimeOffset from = DerTime.Read(validity), to = DerTime.Read(validity);
        validity.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> subject = Encoded(body, Asn1Tag.Sequence);
        ReadOnlyMemory<byte> key = Encoded(body, Asn1Tag.Sequence);
        ImmutableArray<CertificateExtension> extensions = CertificateExtensions.Read(body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3)));
        body.ThrowIfNotEmpty();
        return new()
        {
            Raw = raw,
            Signed = signed,
            Serial = serial,
            SignatureAlgorithm = algorithm,
            Issuer = issuer,
            Subject = subject,
            NotBefore = from,
            NotAfter = to,
            PublicKey = key,
            Extensions = extensions,
            Signature = signature,
        };
    }

    private static ReadOnlyMemory<byte> Encoded(AsnReader reader, Asn1Tag tag) => reader.PeekTag().HasSameClassAndValue(tag)
        ? reader.ReadEncodedValue()
        : throw new EvidenceFormatException("a certificate's parts are not in their order");
}
