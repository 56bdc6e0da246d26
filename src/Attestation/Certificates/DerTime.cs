using System.Formats.Asn1;

namespace Pavise.Attestation.Certificates;

/// <summary>Time in certificates and revocation lists: UTCTime to 2049, GeneralizedTime later (RFC 5280, section 4.1.2.5).</summary>
internal static class DerTime
{
    private const int LastYearOfUtcTime = 2049;

    public static DateTimeOffset Read(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
        ? reader.ReadUtcTime(LastYearOfUtcTime)
        : reader.ReadGeneralizedTime();

    public static bool IsNext(AsnReader reader) =>
        reader.HasData && (reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || reader.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));
}
