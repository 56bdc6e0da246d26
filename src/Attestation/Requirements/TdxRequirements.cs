using System.Collections.Immutable;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation;

/// <summary>What a TDX quote must show beyond <see cref="EvidenceRequirements"/>.</summary>
public sealed record TdxRequirements
{
    /// <summary>Attributes that a guest may have by default: SEPT_VE_DISABLE, PKS.</summary>
    public const ulong DefaultAttributes = TdxAttributes.SeptVeDisable | TdxAttributes.Pks;

    /// <summary>Platform states that are accepted, as Intel's TCB info judges: by default only an up-to-date one.</summary>
    public ImmutableArray<TcbStatus> Statuses { get; init; } = [TcbStatus.UpToDate];

    /// <summary>Advisories that are accepted on the platform's level. Null: any, since the level's state is what counts.</summary>
    public ImmutableArray<string>? Advisories { get; init; }

    /// <summary>Lowest tcbEvaluationDataNumber of TCB info and QE identity: an older evaluation is refused even while it is fresh.</summary>
    public uint MinimumEvaluation { get; init; }

    /// <summary>Explicitly do without TCB info, QE identity and revocation lists when there are none. Those that are there are always obeyed.</summary>
    public bool NoCollateral { get; init; }

    /// <summary>Accept a debug TD. Its memory is the host's.</summary>
    public bool AllowDebug { get; init; }

    /// <summary>Bits of ATTRIBUTES that must be set. SEPT_VE_DISABLE: without it the host can inject exceptions by taking pages away.</summary>
    public ulong AttributesRequired { get; init; } = TdxAttributes.SeptVeDisable;

    /// <summary>Bits of ATTRIBUTES, apart from debug, that may be set; others are refused.</summary>
    public ulong AttributesAllowed { get; init; } = DefaultAttributes;

    /// <summary>Accepted MRSEAM values (the TDX module), 48 bytes each. Empty: whatever Intel signed.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> MrSeam { get; init; } = [];

    /// <summary>Accepted MROWNER values, 48 bytes each. Empty: not asked.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> MrOwner { get; init; } = [];

    /// <summary>Accepted MROWNERCONFIG values, 48 bytes each. Empty: not asked.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> MrOwnerConfig { get; init; } = [];

    /// <summary>Accepted MRSERVICETD values, 48 bytes each, besides zero: a bound service TD could migrate the guest.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> MrServiceTd { get; init; } = [];
}
