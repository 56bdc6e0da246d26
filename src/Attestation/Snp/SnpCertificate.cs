using System.Formats.Asn1;
using System.Globalization;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Snp;

/// <summary>
/// A VCEK or VLEK: a certificate with AMD's extensions (Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification, 57230, tables of
/// certificate extensions), object identifiers under 1.3.6.1.4.1.3704.1.
/// </summary>
internal sealed record SnpCertificate
{
    private const string Arc = "1.3.6.1.4.1.3704.1.";
    private const int HardwareIdBytes = 64;
    private const int TurinHardwareIdBytes = 8;

    /// <summary>The certificate.</summary>
    public required DerCertificate Certificate { get; init; }

    /// <summary>Product name, such as Milan-B0.</summary>
    public required string ProductName { get; init; }

    /// <summary>The TCB for which the key is.</summary>
    public required SnpTcb Tcb { get; init; }

    /// <summary>VCEK: the chip's id, 64 bytes, or 8 on Turin. VLEK: null.</summary>
    public required ReadOnlyMemory<byte>? HardwareId { get; init; }

    /// <summary>VLEK: the cloud provider's id. VCEK: null.</summary>
    public required string? CloudProvider { get; init; }

    /// <summary>Which kind of key this is.</summary>
    public SnpSigningKey Kind => CloudProvider is null ? SnpSigningKey.Vcek : SnpSigningKey.Vlek;

    /// <summary>The generation by the product name, null for an unknown one.</summary>
    public SnpProduct? Product => SnpProducts.OfName(ProductName);

    /// <summary>Whether a certificate carries AMD's extensions at all.</summary>
    public static bool Is(DerCertificate certificate) => certificate.Extensions.Any(e => e.Oid.StartsWith(Arc, StringComparison.Ordinal));

    /// <summary>Reads AMD's extensions.</summary>
    /// <exception cref="EvidenceFormatException">One is missing or malformed.</exception>
    public static SnpCertificate Parse(DerCertificate certificate)
    {
        try
        {
            int? structure = Number(certificate, "1");
            if (structure is not (0 or 1))
            {
                throw new EvidenceFormatException($"VCEK structure version {structure?.ToString(CultureInfo.InvariantCulture) ?? "none"} is unknown (known: 0, 1)");
            }

            ReadOnlyMemory<byte>? hardware = HardwareIdOf(certificate);
            string? provider = Text(certificate, "5");
            if (hardware is null == provider is null)
            {
                throw new EvidenceFormatException("a VCEK has a hardware id and no provider id, a VLEK the other way round");
            }

            return new()
            {
                Certificate = certificate,
                ProductName = Text(certificate, "2") ?? throw new EvidenceFormatException("a VCEK's product name is missing"),
                Tcb = new(Part(certificate, "3.1"), Part(certificate, "3.2"), Part(certificate, "3.3"), Part(certificate, "3.8"), certificate.Extension(Arc + "3.9") is null ? (byte)0 : Part(certificate, "3.9")),
                HardwareId = hardware,
                CloudProvider = provider,
            };
        }
        catch (AsnContentException e)
        {
            throw new EvidenceFormatException($"an extension of a VCEK is malformed: {e.Message}");
        }
    }

    /// <summary>Whether a report's CHIP_ID is this key's chip. Turin certificates may name the first 8 bytes only.</summary>
    public bool IsOfChip(ReadOnlySpan<byte> chipId) => HardwareId is { } id && chipId.StartsWith(id.Span);

    private static byte Part(DerCertificate certificate, string name) => Number(certificate, name) is { } value and >= 0 and <= 255
        ? (byte)value
        : throw new EvidenceFormatException($"extension {Arc}{name} of a VCEK must be a number of one byte");

    private static int? Number(DerCertificate certificate, string name)
    {
        if (certificate.Extension(Arc + name) is not { } value)
        {
            return null;
        }

        AsnReader reader = new(value, AsnEncodingRules.DER);
        bool fits = reader.TryReadInt32(out int number);
        reader.ThrowIfNotEmpty();
        return fits ? number : throw new EvidenceFormatException($"extension {Arc}{name} of a VCEK is too large");
    }

    private static string? Text(DerCertificate certificate, string name)
    {
        if (certificate.Extension(Arc + name) is not { } value)
        {
            return null;
        }

        AsnReader reader = new(value, AsnEncodingRules.DER);
        string text = reader.ReadCharacterString(UniversalTagNumber.IA5String);
        reader.ThrowIfNotEmpty();
        return text;
    }

    // The id is the extension's value itself, or (as newer documents have it) an OCTET STRING in it.
    private static ReadOnlyMemory<byte>? HardwareIdOf(DerCertificate certificate)
    {
        if (certificate.Extension(Arc + "4") is not { } value)
        {
            return null;
        }

        if (value.Length is not (HardwareIdBytes or TurinHardwareIdBytes))
        {
            AsnReader reader = new(value, AsnEncodingRules.DER);
            value = reader.ReadOctetString();
            reader.ThrowIfNotEmpty();
        }

        bool turin = SnpProducts.OfName(Text(certificate, "2") ?? "") == SnpProduct.Turin;
        return value.Length == HardwareIdBytes || (turin && value.Length == TurinHardwareIdBytes)
            ? value
            : throw new EvidenceFormatException($"a VCEK's hardware id has {HardwareIdBytes} bytes ({TurinHardwareIdBytes} on Turin), not {value.Length}");
    }
}
