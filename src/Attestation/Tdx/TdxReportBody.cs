using System.Buffers.Binary;

namespace Pavise.Attestation.Tdx;

/// <summary>
/// TD report body of a quote, TD 1.0 (584 bytes) or TD 1.5 (648 bytes): Intel TDX DCAP Quoting Library API, appendix A.3.2 and A.3.3. Offsets are from the
/// body's start.
/// </summary>
public sealed record TdxReportBody
{
    /// <summary>Bytes of a TD 1.0 body.</summary>
    public const int Td10Bytes = 584;

    /// <summary>Bytes of a TD 1.5 body.</summary>
    public const int Td15Bytes = 648;

    private const int DigestBytes = 48, SvnBytes = 16;

    internal TdxReportBody(ReadOnlyMemory<byte> raw) => Raw = raw;

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>TEE_TCB_SVN, 16 bytes: security versions of the TDX module and the platform.</summary>
    public ReadOnlyMemory<byte> TeeTcbSvn => Raw[..SvnBytes];

    /// <summary>MRSEAM: measurement of the TDX module.</summary>
    public ReadOnlyMemory<byte> MrSeam => Digest(16);

    /// <summary>MRSIGNERSEAM: zero for Intel's module.</summary>
    public ReadOnlyMemory<byte> MrSignerSeam => Digest(64);

    /// <summary>SEAMATTRIBUTES.</summary>
    public ulong SeamAttributes => U64(112);

    /// <summary>ATTRIBUTES of the TD.</summary>
    public ulong Attributes => U64(120);

    /// <summary>XFAM: extended features that the TD may use.</summary>
    public ulong Xfam => U64(128);

    /// <summary>MRTD: what was loaded before the TD started.</summary>
    public ReadOnlyMemory<byte> MrTd => Digest(136);

    /// <summary>MRCONFIGID: what the host bound at launch.</summary>
    public ReadOnlyMemory<byte> MrConfigId => Digest(184);

    /// <summary>MROWNER.</summary>
    public ReadOnlyMemory<byte> MrOwner => Digest(232);

    /// <summary>MROWNERCONFIG.</summary>
    public ReadOnlyMemory<byte> MrOwnerConfig => Digest(280);

    /// <summary>RTMR0.</summary>
    public ReadOnlyMemory<byte> Rtmr0 => Digest(328);

    /// <summary>RTMR1.</summary>
    public ReadOnlyMemory<byte> Rtmr1 => Digest(376);

    /// <summary>RTMR2.</summary>
    public ReadOnlyMemory<byte> Rtmr2 => Digest(424);

    /// <summary>RTMR3.</summary>
    public ReadOnlyMemory<byte> Rtmr3 => Digest(472);

    /// <summary>REPORTDATA, 64 bytes.</summary>
    public ReadOnlyMemory<byte> ReportData => Raw.Slice(520, 64);

    /// <summary>TD 1.5: TEE_TCB_SVN_2, the module's versions now, 16 bytes; else null.</summary>
    public ReadOnlyMemory<byte>? TeeTcbSvn2 => IsTd15 ? Raw.Slice(584, SvnBytes) : default(ReadOnlyMemory<byte>?);

    /// <summary>TD 1.5: MRSERVICETD, the service TDs that are bound; else null.</summary>
    public ReadOnlyMemory<byte>? MrServiceTd => IsTd15 ? Digest(600) : default(ReadOnlyMemory<byte>?);

    private bool IsTd15 => Raw.Length == Td15Bytes;

    private ReadOnlyMemory<byte> Digest(int offset) => Raw.Slice(offset, DigestBytes);

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Raw.Span[offset..]);
}
