using System.Buffers.Binary;

namespace Pavise.Attestation.Snp;

/// <summary>
/// An SEV-SNP attestation report, 1184 bytes little-endian: AMD SEV-SNP Firmware ABI Specification (56860, revision 1.58), ATTESTATION_REPORT,
/// versions 2, 3 and 5. Parsing checks the form only; the signature and every value are for a verifier.
/// </summary>
public sealed record SnpReport
{
    /// <summary>Bytes of a report.</summary>
    public const int Bytes = 0x4A0;

    /// <summary>Bytes that the signature covers: 0x000 to 0x29F.</summary>
    public const int SignedBytes = 0x2A0;

    private const int OffsetSignatureAlgorithm = 0x34, OffsetFlags = 0x48, OffsetR = 0x2A0, OffsetS = 0x2E8;

    /// <summary>Bytes of each signature value's field.</summary>
    private const int ScalarBytes = 72;

    /// <summary>Length of P-384 scalars; the rest of each 72-byte field must be zero.</summary>
    private const int P384Bytes = 48;

    private const uint EcdsaP384Sha384 = 1;

    private SnpReport(byte[] raw) => Raw = raw;

    /// <summary>The whole report.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>VERSION: 2, 3 or 5.</summary>
    public uint Version => U32(0x00);

    /// <summary>GUEST_SVN.</summary>
    public uint GuestSvn => U32(0x04);

    /// <summary>POLICY bits.</summary>
    public ulong Policy => GuestPolicy.Raw;

    /// <summary>POLICY.</summary>
    public SnpGuestPolicy GuestPolicy => new(U64(0x08));

    /// <summary>FAMILY_ID, 16 bytes, from the ID block.</summary>
    public ReadOnlyMemory<byte> FamilyId => Raw.Slice(0x10, 16);

    /// <summary>IMAGE_ID, 16 bytes, from the ID block.</summary>
    public ReadOnlyMemory<byte> ImageId => Raw.Slice(0x20, 16);

    /// <summary>VMPL of the requester.</summary>
    public uint Vmpl => U32(0x30);

    /// <summary>CURRENT_TCB.</summary>
    public ulong CurrentTcb => U64(0x38);

    /// <summary>PLATFORM_INFO.</summary>
    public ulong PlatformInfo => U64(0x40);

    /// <summary>AUTHOR_KEY_EN: the author key's digest is in the report.</summary>
    public bool AuthorKeyEnabled => (U32(OffsetFlags) & 1) != 0;

    /// <summary>MASK_CHIP_KEY: the host let the firmware sign with no key.</summary>
    public bool ChipKeyMasked => (U32(OffsetFlags) & 2) != 0;

    /// <summary>SIGNING_KEY.</summary>
    public SnpSigningKey SigningKey => (SnpSigningKey)(U32(OffsetFlags) >> 2 & 7);

    /// <summary>REPORT_DATA, 64 bytes: what the guest asked to have signed.</summary>
    public ReadOnlyMemory<byte> ReportData => Raw.Slice(0x50, 64);

    /// <summary>MEASUREMENT, 48 bytes: the launch digest.</summary>
    public ReadOnlyMemory<byte> Measurement => Raw.Slice(0x90, 48);

    /// <summary>HOST_DATA, 32 bytes: what the host bound at launch.</summary>
    public ReadOnlyMemory<byte> HostData => Raw.Slice(0xC0, 32);

    /// <summary>ID_KEY_DIGEST, 48 bytes.</summary>
    public ReadOnlyMemory<byte> IdKeyDigest => Raw.Slice(0xE0, 48);

    /// <summary>AUTHOR_KEY_DIGEST, 48 bytes.</summary>
    public ReadOnlyMemory<byte> AuthorKeyDigest => Raw.Slice(0x110, 48);

    /// <summary>REPORT_ID, 32 bytes.</summary>
    public ReadOnlyMemory<byte> ReportId => Raw.Slice(0x140, 32);

    /// <summary>REPORT_ID_MA, 32 bytes: the migration agent's; all ones without one.</summary>
    public ReadOnlyMemory<byte> MigrationAgentReportId => Raw.Slice(0x160, 32);

    /// <summary>REPORTED_TCB.</summary>
    public ulong ReportedTcb => U64(0x180);

    /// <summary>CPUID_FAM_ID, version 3 and later.</summary>
    public byte CpuidFamily => Raw.Span[0x188];

    /// <summary>CPUID_MOD_ID, version 3 and later.</summary>
    public byte CpuidModel => Raw.Span[0x189];

    /// <summary>CPUID_STEP, version 3 and later.</summary>
    public byte CpuidStepping => Raw.Span[0x18A];

    /// <summary>CHIP_ID, 64 bytes; zero when the host masks it.</summary>
    public ReadOnlyMemory<byte> ChipId => Raw.Slice(0x1A0, 64);

    /// <summary>COMMITTED_TCB: the firmware cannot be rolled back below it.</summary>
    public ulong CommittedTcb => U64(0x1E0);

    /// <summary>Current firmware: major, minor, build.</summary>
    public (byte Major, byte Minor, byte Build) CurrentFirmware => (Raw.Span[0x1EA], Raw.Span[0x1E9], Raw.Span[0x1E8]);

    /// <summary>Committed firmware: major, minor, build.</summary>
    public (byte Major, byte Minor, byte Build) CommittedFirmware => (Raw.Span[0x1EE], Raw.Span[0x1ED], Raw.Span[0x1EC]);

    /// <summary>LAUNCH_TCB: the current one when the guest was launched or imported.</summary>
    public ulong LaunchTcb => U64(0x1F0);

    /// <summary>LAUNCH_MIT_VECTOR, version 5.</summary>
    public ulong LaunchMitigations => U64(0x1F8);

    /// <summary>CURRENT_MIT_VECTOR, version 5.</summary>
    public ulong CurrentMitigations => U64(0x200);

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
    /// <exception cref="EvidenceFormatException">Wrong length, an unknown version, algorithm or signing key, or bytes set that must be zero.</exception>
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

        if (!Enum.IsDefined(report.SigningKey))
        {
            throw new EvidenceFormatException($"SNP signing key {(int)report.SigningKey} is unknown (known: 0 VCEK, 1 VLEK, 7 none)");
        }

        foreach ((int from, int to) in SnpReservedBytes.Of(report.Version))
        {
            if (report.Raw.Span[from..to].ContainsAnyExcept((byte)0))
            {
                throw new EvidenceFormatException($"bytes 0x{from:x} to 0x{to - 1:x} of an SNP report of version {report.Version} must be zero");
            }
        }

        return (report.U32(OffsetFlags) & ~0x1FU) == 0 ? report : throw new EvidenceFormatException("bits 5 to 31 at 0x48 of an SNP report must be zero");
    }

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Raw.Span[offset..]);

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Raw.Span[offset..]);
}
