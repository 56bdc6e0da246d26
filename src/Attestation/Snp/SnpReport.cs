using System.Buffers.Binary;

namespace Pavise.Attestation.Snp;

/// <summary>
/// An SEV-SNP attestation report, 1184 bytes little-endian: AMD SEV-SNP Firmware ABI Specification (56860), ATTESTATION_REPORT,
/// versions 2, 3 and 5. Parsing checks the form only; the signature and every value are for a verifier.
/// </summary>
public sealed record SnpReport
{
    /// <summary>Bytes of a report.</summary>
    public const int Bytes = 0x4A0;

    /// <summary>Bytes that the signature covers: 0x000 to 0x29F.</summary>
    public const int SignedBytes = 0x2A0;

    private const int OffsetPolicy = 0x08, OffsetVmpl = 0x30, OffsetSignatureAlgorithm = 0x34, OffsetReportData = 0x50, OffsetMeasurement = 0x90,
        OffsetHostData = 0xC0, OffsetReportedTcb = 0x180, OffsetChipId = 0x1A0, OffsetR = 0x2A0, OffsetS = 0x2E8, OffsetAfterSignature = 0x330;

    private const int ScalarBytes = 72;

    /// <summary>Length of P-384 scalars; the rest of each 72-byte field must be zero.</summary>
    private const int P384Bytes = 48;

    private const uint EcdsaP384Sha384 = 1;

    private SnpReport(byte[] raw) => Raw = raw;

    /// <summary>The whole report.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>VERSION: 2, 3 or 5.</summary>
    public uint Version => U32(0);

    /// <summary>GUEST_SVN.</summary>
    public uint GuestSvn => U32(4);

    /// <summary>POLICY bits.</summary>
    public ulong Policy => U64(OffsetPolicy);

    /// <summary>VMPL of the requester.</summary>
    public uint Vmpl => U32(OffsetVmpl);

    /// <summary>REPORT_DATA, 64 bytes: what the guest asked to have signed.</summary>
    public ReadOnlyMemory<byte> ReportData => Raw.Slice(OffsetReportData, 64);

    /// <summary>MEASUREMENT, 48 bytes: the launch digest.</summary>
    public ReadOnlyMemory<byte> Measurement => Raw.Slice(OffsetMeasurement, 48);

    /// <summary>HOST_DATA, 32 bytes: what the host bound at launch.</summary>
    public ReadOnlyMemory<byte> HostData => Raw.Slice(OffsetHostData, 32);

    /// <summary>REPORTED_TCB.</summary>
    public ulong ReportedTcb => U64(OffsetReportedTcb);

    /// <summary>CHIP_ID, 64 bytes.</summary>
    public ReadOnlyMemory<byte> ChipId => Raw.Slice(OffsetChipId, 64);

    /// <summary>SIGNATURE.R and S as IEEE P1363, 96 bytes big-endian, as .NET's ECDsa takes it.</summary>
    public byte[] SignatureP1363
    {
        get
        {
            byte[] signature = new byte[2 * P384Bytes];
            Raw.Slice(OffsetR, P384Bytes).CopyTo(signature);
            Raw.Slice(OffsetS, P384Bytes).CopyTo(signature.AsMemory(P384Bytes));
            signature.AsSpan(0, P384Bytes).Reverse();
            signature.AsSpan(P384Bytes).Reverse();
            return signature;
        }
    }

    /// <summary>Parses a report from exactly its bytes, which are copied.</summary>
    /// <exception cref="EvidenceFormatException">Wrong length, an unknown version or algorithm, or bytes set that must be zero.</exception>
    public static SnpReport Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes)
        {
            throw new EvidenceFormatException($"an SNP report has {Bytes} bytes, not {bytes.Length}");
        }

        SnpReport report = new(bytes.ToArray());
        if (report.Version is not (2 or 3 or 5))
        {
            throw new EvidenceFormatException($"SNP report version {report.Version} is unknown (known: 2, 3, 5)");
        }

        if (report.U32(OffsetSignatureAlgorithm) != EcdsaP384Sha384)
        {
            throw new EvidenceFormatException($"SNP signature algorithm {report.U32(OffsetSignatureAlgorithm)} is unknown (known: 1, ECDSA P-384 with SHA-384)");
        }

        ReadOnlySpan<byte> raw = report.Raw.Span;
        if (raw.Slice(OffsetR + P384Bytes, ScalarBytes - P384Bytes).ContainsAnyExcept((byte)0)
            || raw.Slice(OffsetS + P384Bytes, ScalarBytes - P384Bytes).ContainsAnyExcept((byte)0)
            || raw[OffsetAfterSignature..].ContainsAnyExcept((byte)0))
        {
            throw new EvidenceFormatException("bytes behind the SNP report's signature values must be zero");
        }

        return report;
    }

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Raw.Span[offset..]);

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Raw.Span[offset..]);
}
