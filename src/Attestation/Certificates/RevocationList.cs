using System.Formats.Asn1;

namespace Pavise.Attestation.Certificates;

/// <summary>A certificate revocation list (RFC 5280, section 5.1), read strictly as DER. Reading checks the form only.</summary>
internal sealed record RevocationList
{
    /// <summary>TBSCertList with its tag: what the signature covers.</summary>
    public required ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>AlgorithmIdentifier, with its tag.</summary>
    public required ReadOnlyMemory<byte> SignatureAlgorithm { get; init; }

    /// <summary>Issuer, with its tag.</summary>
    public required ReadOnlyMemory<byte> Issuer { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>When the next one is due; a list without it is refused.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>Signature value.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Serial numbers of what is revoked, hexadecimal.</summary>
    public required IReadOnlySet<string> Serials { get; init; }

    /// <summary>Whether a certificate of this list's issuer is on it.</summary>
    public bool Revokes(DerCertificate certificate) => Serials.Contains(Convert.ToHexStringLower(certificate.Serial.Span));

    /// <summary>Reads a list from exactly its bytes, which are copied.</summary>
    /// <exception cref="EvidenceFormatException">The bytes are no list of this form.</exception>
    public static RevocationList Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > AttestationLimits.CrlBytes)
        {
            throw new EvidenceFormatException($"a revocation list has at most {AttestationLimits.CrlBytes} bytes, not {bytes.Length}");
        }

        try
        {
            return Read(bytes.ToArray());
        }
        catch (AsnContentException e)
        {
            throw new EvidenceFormatException($"not a revocation list in DER: {e.Message}");
        }
    }

    private static RevocationList Read(byte[] raw)
    {
        AsnReader file = new(raw, AsnEncodingRules.DER);
        AsnReader list = file.ReadSequence();
        file.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> signed = list.PeekEncodedValue();
        AsnReader body = list.ReadSequence();
        ReadOnlyMemory<byte> algorithm = list.ReadEncodedValue();
        byte[] signature = list.ReadBitString(out int unused);
        list.ThrowIfNotEmpty();
        if (!body.TryReadInt32(out int version) || version != 1 || unused != 0)
        {
            throw new EvidenceFormatException("a revocation list must be of version 2 with a signature of whole bytes");
        }

        if (!body.ReadEncodedValue().Span.SequenceEqual(algorithm.Span))
        {
            throw new EvidenceFormatException("a revocation list's inner and outer signature algorithm differ");
        }

        ReadOnlyMemory<byte> issuer = body.ReadEncodedValue();
        DateTimeOffset made = DerTime.Read(body);
        if (!DerTime.IsNext(body))
        {
            throw new EvidenceFormatException("a revocation list must say when the next one is due");
        }

        DateTimeOffset next = DerTime.Read(body);
        HashSet<string> serials = body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? Entries(body.ReadSequence()) : [];
        if (body.HasData)
        {
            foreach (CertificateExtension extension in CertificateExtensions.Read(body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0))))
            {
                // Delta lists and lists for some reasons or some certificates only are marked by critical extensions.
                if (extension.Critical)
                {
                    throw new EvidenceFormatException($"critical extension {extension.Oid} of a revocation list is unknown");
                }
            }
        }

        body.ThrowIfNotEmpty();
        return new() { Signed = signed, SignatureAlgorithm = algorithm, Issuer = issuer, ThisUpdate = made, NextUpdate = next, Signature = signature, Serials = serials };
    }

    private static HashSet<string> Entries(AsnReader list)
    {
        HashSet<string> serials = [];
        while (list.HasData)
        {
            AsnReader entry = list.ReadSequence();
            serials.Add(Convert.ToHexStringLower(entry.ReadIntegerBytes().Span));
            DerTime.Read(entry);
            if (entry.HasData)
            {
                entry.ReadSequence();
            }

            entry.ThrowIfNotEmpty();
            if (serials.Count > AttestationLimits.CrlEntries)
            {
                throw new EvidenceFormatException($"a revocation list has at most {AttestationLimits.CrlEntries} entries");
            }
        }

        return serials;
    }
}
