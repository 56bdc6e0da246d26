using System.Collections.Immutable;

namespace Pavise.Attestation.Tdx;

/// <summary>What Intel's collateral says of a quote's platform, as far as the collateral could be believed.</summary>
public sealed record TdxPlatform
{
    /// <summary>FMSPC of the PCK certificate, 6 bytes: which kind of platform.</summary>
    public required ReadOnlyMemory<byte> Fmspc { get; init; }

    /// <summary>State of the platform together with its TDX module and quoting enclave, as far as these could be judged; null where nothing could, or a part matches no level.</summary>
    public TcbStatus? Status { get; init; }

    /// <summary>States of the parts, or why there is none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether all parts could be judged.</summary>
    public bool Judged { get; init; }

    /// <summary>Whether a part that could be judged matches no level.</summary>
    public bool Unmatched { get; init; }

    /// <summary>Intel's advisories that apply.</summary>
    public ImmutableArray<string> Advisories { get; init; } = [];

    /// <summary>tcbEvaluationDataNumber of the TCB info.</summary>
    public uint? TcbInfoEvaluation { get; init; }

    /// <summary>tcbEvaluationDataNumber of the QE identity.</summary>
    public uint? QeIdentityEvaluation { get; init; }
}
