using System.Buffers.Binary;

namespace Pavise.Attestation.Tdx;

/// <summary>The quoting enclave's SGX report body, 384 bytes: Intel SGX SDK, sgx_report_body_t; the PCK signs it.</summary>
public sealed record QeReport
{
    /// <summary>Bytes of a report body.</summary>
    public const int Bytes = 384;

    internal QeReport(ReadOnlyMemory<byte> raw) => Raw = raw;

    /// <summary>The report body.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>MISCSELECT.</summary>
    public uint MiscSelect => BinaryPrimitives.ReadUInt32LittleEndian(Raw.Span[16..]);

    /// <summary>ATTRIBUTES, 16 bytes.</summary>
    public ReadOnlyMemory<byte> Attributes => Raw.Slice(48, 16);

    /// <summary>MRENCLAVE, 32 bytes.</summary>
    public ReadOnlyMemory<byte> MrEnclave => Raw.Slice(64, 32);

    /// <summary>MRSIGNER, 32 bytes.</summary>
    public ReadOnlyMemory<byte> MrSigner => Raw.Slice(128, 32);

    /// <summary>ISVPRODID.</summary>
    public ushort IsvProdId => BinaryPrimitives.ReadUInt16LittleEndian(Raw.Span[256..]);

    /// <summary>ISVSVN.</summary>
    public ushort IsvSvn => BinaryPrimitives.ReadUInt16LittleEndian(Raw.Span[258..]);

    /// <summary>REPORTDATA, 64 bytes: SHA-256 of attestation key and authentication data, then zeros.</summary>
    public ReadOnlyMemory<byte> ReportData => Raw.Slice(320, 64);
}
