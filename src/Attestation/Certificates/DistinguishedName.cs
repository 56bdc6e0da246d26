using System.Formats.Asn1;

namespace Pavise.Attestation.Certificates;

/// <summary>The common name in an X.501 Name, for messages and for telling AMD's two intermediates apart.</summary>
internal static class DistinguishedName
{
    private const string CommonNameOid = "2.5.4.3";

    /// <summary>The first common name, or empty.</summary>
    public static string CommonName(ReadOnlyMemory<byte> name)
    {
        try
        {
            AsnReader sets = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
            while (sets.HasData)
            {
                AsnReader set = sets.ReadSetOf();
                AsnReader attribute = set.ReadSequence();
                if (attribute.ReadObjectIdentifier() == CommonNameOid)
                {
                    Asn1Tag tag = attribute.PeekTag();
                    return tag.TagClass == TagClass.Universal ? attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue) : "";
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException or InvalidOperationException)
        {
            return "";
        }

        return "";
    }
}
