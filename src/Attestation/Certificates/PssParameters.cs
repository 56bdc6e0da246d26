using System.Formats.Asn1;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// RSASSA-PSS parameters (RFC 4055, section 3.1), of which one set is known: SHA-384, MGF1 with SHA-384, salt of 48 bytes, trailer 1. Hash algorithms may have
/// NULL parameters or none, and the trailer may be written although it is the default: encoders differ, AMD's writes both.
/// </summary>
internal static class PssParameters
{
    private const string RsaPss = "1.2.840.113549.1.1.10", Mgf1 = "1.2.840.113549.1.1.8", Sha384 = "2.16.840.1.101.3.4.2.2";
    private const int SaltBytes = 48, Trailer = 1;

    /// <summary>Whether an AlgorithmIdentifier is RSASSA-PSS with these parameters.</summary>
    public static bool AreKnown(ReadOnlySpan<byte> algorithm)
    {
        try
        {
            AsnReader outer = new(algorithm.ToArray(), AsnEncodingRules.DER);
            AsnReader identifier = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (identifier.ReadObjectIdentifier() != RsaPss)
            {
                return false;
            }

            AsnReader parameters = identifier.ReadSequence();
            identifier.ThrowIfNotEmpty();
            AsnReader hash = Tagged(parameters, 0), generator = Tagged(parameters, 1), salt = Tagged(parameters, 2);
            if (!IsSha384(hash))
            {
                return false;
            }

            AsnReader mask = generator.ReadSequence();
            generator.ThrowIfNotEmpty();
            bool known = mask.ReadObjectIdentifier() == Mgf1 && IsSha384(mask) && salt.TryReadInt32(out int bytes) && bytes == SaltBytes;
            salt.ThrowIfNotEmpty();
            if (parameters.HasData)
            {
                AsnReader trailer = Tagged(parameters, 3);
                known &= trailer.TryReadInt32(out int number) && number == Trailer;
                trailer.ThrowIfNotEmpty();
            }

            parameters.ThrowIfNotEmpty();
            return known;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static AsnReader Tagged(AsnReader reader, int tag) => reader.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, tag));

    private static bool IsSha384(AsnReader reader)
    {
        AsnReader identifier = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        bool known = identifier.ReadObjectIdentifier() == Sha384;
        if (identifier.HasData)
        {
            identifier.ReadNull();
        }

        identifier.ThrowIfNotEmpty();
        return known;
    }
}
