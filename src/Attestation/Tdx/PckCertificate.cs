using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Tdx;

/// <summary>
/// A PCK certificate's SGX extension (Intel SGX PCK Certificate and Certificate Revocation List Profile Specification, section 1.3.5), object identifiers under
/// 1.2.840.113741.1.13.1.
/// </summary>
internal sealed record PckCertificate
{
    private const string Arc = "1.2.840.113741.1.13.1";
    private const int Components = 16, FmspcBytes = 6, PceIdBytes = 2;

    /// <summary>The certificate.</summary>
    public required DerCertificate Certificate { get; init; }

    /// <summary>SGX TCB component SVNs, 16.</summary>
    public required ImmutableArray<byte> ComponentSvns { get; init; }

    /// <summary>PCESVN.</summary>
    public required int PceSvn { get; init; }

    /// <summary>FMSPC, 6 bytes: which kind of platform.</summary>
    public required ReadOnlyMemory<byte> Fmspc { get; init; }

    /// <summary>PCEID, 2 bytes.</summary>
    public required ReadOnlyMemory<byte> PceId { get; init; }

    /// <summary>Whether Intel's Processor CA issued it; else the Platform CA.</summary>
    public bool IssuerIsProcessorCa => DistinguishedName.CommonName(Certificate.Issuer) == "Intel SGX PCK Processor CA";

    /// <summary>The first certificate of a quote's chain, if it can be read.</summary>
    public static bool TryRead(TdxQuote quote, [NotNullWhen(true)] out PckCertificate? pck)
    {
        try
        {
            ImmutableArray<ReadOnlyMemory<byte>> chain = Pem.Certificates(quote.PckChain.Span);
            pck = chain.IsEmpty ? null : Parse(DerCertificate.Parse(chain[0].Span));
        }
        catch (EvidenceFormatException)
        {
            pck = null;
        }

        return pck is not null;
    }

    /// <summary>Reads Intel's extension.</summary>
    /// <exception cref="EvidenceFormatException">It is missing or malformed.</exception>
    public static PckCertificate Parse(DerCertificate certificate)
    {
        try
        {
            ReadOnlyMemory<byte> extension = certificate.Extension(Arc) ?? throw new EvidenceFormatException("a PCK certificate's SGX extension is missing");
            Dictionary<string, ReadOnlyMemory<byte>> all = Pairs(extension), tcb = Pairs(Value(all, Arc + ".2"));
            return new()
            {
                Certificate = certificate,
                ComponentSvns = [.. Enumerable.Range(1, Components).Select(i => (byte)Number(tcb, $"{Arc}.2.{i}", byte.MaxValue))],
                PceSvn = Number(tcb, $"{Arc}.2.17", ushort.MaxValue),
                PceId = Octets(all, Arc + ".3", PceIdBytes),
                Fmspc = Octets(all, Arc + ".4", FmspcBytes),
            };
        }
        catch (AsnContentException e)
        {
            throw new EvidenceFormatException($"a PCK certificate's SGX extension is malformed: {e.Message}");
        }
    }

    // SEQUENCE OF SEQUENCE { OBJECT IDENTIFIER, value }.
    private static Dictionary<string, ReadOnlyMemory<byte>> Pairs(ReadOnlyMemory<byte> encoded)
    {
        AsnReader reader = new(encoded, AsnEncodingRules.DER);
        AsnReader list = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        Dictionary<string, ReadOnlyMemory<byte>> pairs = [];
        while (list.HasData)
        {
            AsnReader pair = list.ReadSequence();
            string oid = pair.ReadObjectIdentifier();
            if (!pairs.TryAdd(oid, pair.ReadEncodedValue()))
            {
                throw new EvidenceFormatException($"{oid} stands twice in a PCK certificate");
            }

            pair.ThrowIfNotEmpty();
        }

        return pairs;
    }

    private static ReadOnlyMemory<byte> Value(Dictionary<string, ReadOnlyMemory<byte>> pairs, string oid) =>
        pairs.TryGetValue(oid, out ReadOnlyMemory<byte> value) ? value : throw new EvidenceFormatException($"{oid} is missing in a PCK certificate");

    private static int Number(Dictionary<string, ReadOnlyMemory<byte>> pairs, string oid, int most) =>
        new AsnReader(Value(pairs, oid), AsnEncodingRules.DER).TryReadInt32(out int value) && value >= 0 && value <= most
            ? value
            : throw new EvidenceFormatException($"{oid} of a PCK certificate is out of range");

    private static byte[] Octets(Dictionary<string, ReadOnlyMemory<byte>> pairs, string oid, int length) =>
        new AsnReader(Value(pairs, oid), AsnEncodingRules.DER).ReadOctetString() is var bytes && bytes.Length == length
            ? bytes
            : throw new EvidenceFormatException($"{oid} of a PCK certificate has {length} bytes");
}
