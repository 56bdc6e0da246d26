using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation;

/// <summary>What evidence says of its launch, with what the vendor's collateral says of the platform.</summary>
public sealed record EvidenceClaims
{
    /// <summary>Kind of evidence.</summary>
    public required TeeKind Tee { get; init; }

    /// <summary>REPORT_DATA or REPORTDATA, 64 bytes.</summary>
    public required ReadOnlyMemory<byte> ReportData { get; init; }

    /// <summary>HOST_DATA (32 bytes) or MRCONFIGID (48 bytes).</summary>
    public required ReadOnlyMemory<byte> PolicyDigest { get; init; }

    /// <summary>What was launched.</summary>
    public required LaunchMeasurement Measurement { get; init; }

    /// <summary>The report (SNP and simulated).</summary>
    public SnpReport? Snp { get; init; }

    /// <summary>The processor generation, as the VCEK's or VLEK's chain proves it; null when it did not.</summary>
    public SnpProduct? Product { get; init; }

    /// <summary>With a VLEK: the cloud provider that its certificate names.</summary>
    public string? CloudProvider { get; init; }

    /// <summary>The quote (TDX).</summary>
    public TdxQuote? Tdx { get; init; }

    /// <summary>What Intel's collateral says of the platform (TDX), null when the quote's PCK certificate cannot be read.</summary>
    public TdxPlatform? Platform { get; init; }
}
