using System.Collections.Immutable;

namespace Pavise.Attestation;

/// <summary>
/// What evidence must show. The defaults are the strict ones of each kind, and leave what only the owner can know unset: evidence is refused until report
/// data, policy, measurement and (SNP) the minimum TCB are given or explicitly waived.
/// </summary>
public sealed record EvidenceRequirements
{
    /// <summary>Kinds of evidence that are accepted. <see cref="TeeKind.Simulated"/> only where the owner names it.</summary>
    public ImmutableArray<TeeKind> Tees { get; init; } = [TeeKind.Snp, TeeKind.Tdx];

    /// <summary>REPORT_DATA, 64 bytes: binds a nonce and a key of this boot.</summary>
    public Expected<ReadOnlyMemory<byte>> ReportData { get; init; }

    /// <summary>The policy that the launch binds.</summary>
    public Expected<PolicyDigest> Policy { get; init; }

    /// <summary>What was launched.</summary>
    public Expected<LaunchMeasurement> Measurement { get; init; }

    /// <summary>SNP only.</summary>
    public SnpRequirements Snp { get; init; } = new();

    /// <summary>TDX only.</summary>
    public TdxRequirements Tdx { get; init; } = new();
}
