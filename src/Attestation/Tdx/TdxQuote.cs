using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Tdx;

/// <summary>
/// A TDX quote of version 4 or 5 with an ECDSA P-256 attestation key: Intel TDX DCAP Quoting Library API, appendix A, "Quote Format". Parsing checks the form
/// only: each length must be exact, reserved bytes zero. Behind a quote zero bytes may stand (services pad), and nothing else.
/// </summary>
public sealed record TdxQuote
{
    private const int HeaderBytes = 48, SignatureBytes = 64, KeyBytes = 64;
    private const ushort EcdsaP256 = 2, QeReportCertification = 6, PckChainCertification = 5;
    private const uint TeeTypeTdx = 0x81;
    private const ushort BodyTd10 = 2, BodyTd15 = 3;

    private TdxQuote(byte[] raw) => Raw = raw;

    /// <summary>The quote, without padding.</summary>
    public ReadOnlyMemory<byte> Raw { get; private init; }

    /// <summary>Header: version, 4 or 5.</summary>
    public ushort Version { get; private init; }

    /// <summary>Header: QE_VENDOR_ID, 16 bytes.</summary>
    public ReadOnlyMemory<byte> QeVendorId { get; private init; }

    /// <summary>Header: user data, 20 bytes.</summary>
    public ReadOnlyMemory<byte> UserData { get; private init; }

    /// <summary>What the TDX module reports of the guest.</summary>
    public TdxReportBody Body { get; private init; } = null!;

    /// <summary>What <see cref="Signature"/> covers: header, with version 5 body type and size, body.</summary>
    public ReadOnlyMemory<byte> Signed { get; private init; }

    /// <summary>ECDSA P-256 signature by the attestation key: r, s, 64 bytes big-endian.</summary>
    public ReadOnlyMemory<byte> Signature { get; private init; }

    /// <summary>Attestation key: x, y, 64 bytes big-endian.</summary>
    public ReadOnlyMemory<byte> AttestationKey { get; private init; }

    /// <summary>The quoting enclave's own report.</summary>
    public QeReport QeReport { get; private init; } = null!;

    /// <summary>ECDSA P-256 signature over the report by the PCK: r, s, 64 bytes big-endian.</summary>
    public ReadOnlyMemory<byte> QeReportSignature { get; private init; }

    /// <summary>Authentication data of the quoting enclave.</summary>
    public ReadOnlyMemory<byte> QeAuthentication { get; private init; }

    /// <summary>PCK certificate, its CA, root: PEM.</summary>
    public ReadOnlyMemory<byte> PckChain { get; private init; }

    /// <summary>Parses a quote from exactly its bytes, which are copied.</summary>
    /// <exception cref="EvidenceFormatException">The bytes are no such quote.</exception>
    public static TdxQuote Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > AttestationLimits.QuoteBytes + AttestationLimits.QuotePadding)
        {
            throw new EvidenceFormatException($"a TDX quote has at most {AttestationLimits.QuoteBytes} bytes, not {bytes.Length}");
        }

        TdxQuote whole = new(bytes.ToArray());
        QuoteReader reader = new(whole.Raw);
        TdxQuote header = Header(whole, ref reader);
        TdxQuote body = ReadBody(header, ref reader);
        uint length = reader.U32("the signature's length");
        QuoteReader signature = new(reader.Sized(length, "the signature"));
        int used = whole.Raw.Length - reader.Rest.Length;
        if (reader.Rest.Length > AttestationLimits.QuotePadding || reader.Rest.Span.ContainsAnyExcept((byte)0))
        {
            throw new EvidenceFormatException($"{reader.Rest.Length} bytes stand behind a TDX quote that are no zero padding");
        }

        TdxQuote quote = ReadSignature(body, ref signature);
        signature.End("the signature");
        return quote with { Raw = whole.Raw[..used] };
    }

    private static TdxQuote Header(TdxQuote quote, ref QuoteReader reader)
    {
        ushort version = reader.U16("the header"), keyType = reader.U16("the header");
        uint tee = reader.U32("the header"), reserved = reader.U32("the header");
        if (version is not (4 or 5))
        {
            throw new EvidenceFormatException($"TDX quote version {version} is unknown (known: 4, 5)");
        }

        if (keyType != EcdsaP256)
        {
            throw new EvidenceFormatException($"attestation key type {keyType} of a TDX quote is unknown (known: 2, ECDSA P-256)");
        }

        if (tee != TeeTypeTdx)
        {
            throw new EvidenceFormatException($"TEE type 0x{tee:x} is not TDX (0x81)");
        }

        if (reserved != 0)
        {
            throw new EvidenceFormatException("bytes 8 to 11 of a TDX quote must be zero");
        }

        return quote with { Version = version, QeVendorId = reader.Take(16, "the header"), UserData = reader.Take(20, "the header") };
    }

    private static TdxQuote ReadBody(TdxQuote quote, ref QuoteReader reader)
    {
        int start = HeaderBytes, length = TdxReportBody.Td10Bytes;
        if (quote.Version == 5)
        {
            ushort type = reader.U16("the body's type");
            uint size = reader.U32("the body's size");
            length = type switch
            {
                BodyTd10 => TdxReportBody.Td10Bytes,
                BodyTd15 => TdxReportBody.Td15Bytes,
                _ => throw new EvidenceFormatException($"body type {type} of a TDX quote is unknown (known: 2 TD 1.0, 3 TD 1.5)"),
            };
            if (size != length)
            {
                throw new EvidenceFormatException($"a body of type {type} has {length} bytes, not {size}");
            }

            start += sizeof(ushort) + sizeof(uint);
        }

        return quote with { Body = new TdxReportBody(reader.Take(length, "the body")), Signed = quote.Raw[..(start + length)] };
    }

    private static TdxQuote ReadSignature(TdxQuote quote, ref QuoteReader reader)
    {
        ReadOnlyMemory<byte> signature = reader.Take(SignatureBytes, "the signature"), key = reader.Take(KeyBytes, "the attestation key");
        QuoteReader certification = Certification(ref reader, QeReportCertification);
        QeReport report = new(certification.Take(QeReport.Bytes, "the QE report"));
        ReadOnlyMemory<byte> reportSignature = certification.Take(SignatureBytes, "the QE report's signature");
        ushort authentication = certification.U16("the authentication data's length");
        if (authentication > AttestationLimits.QeAuthenticationBytes)
        {
            throw new EvidenceFormatException($"authentication data of a TDX quote has at most {AttestationLimits.QeAuthenticationBytes} bytes, not {authentication}");
        }

        ReadOnlyMemory<byte> data = certification.Take(authentication, "the authentication data");
        QuoteReader chain = Certification(ref certification, PckChainCertification);
        certification.End("the QE's certification data");
        ReadOnlyMemory<byte> pem = chain.Rest;
        return Pem.IsCanonical(pem.Span)
            ? quote with { Signature = signature, AttestationKey = key, QeReport = report, QeReportSignature = reportSignature, QeAuthentication = data, PckChain = pem }
            : throw new EvidenceFormatException("the PCK chain of a TDX quote must be PEM in its strict form (RFC 7468: lines of 64 characters)");
    }

    private static QuoteReader Certification(ref QuoteReader reader, ushort expected)
    {
        ushort type = reader.U16("the certification data's type");
        return type == expected
            ? new(reader.Sized(reader.U32("the certification data's size"), "the certification data"))
            : throw new EvidenceFormatException($"certification data of a TDX quote must be of type {expected} here, not {type}");
    }
}
