using System.Collections.Immutable;

namespace Pavise.Attestation.Collateral;

/// <summary>What the vendors publish for verifying evidence. All of it is untrusted until the verifier checked it against the pinned roots.</summary>
public sealed record VerificationCollateral
{
    /// <summary>Nothing.</summary>
    public static VerificationCollateral None { get; } = new();

    /// <summary>SNP: VCEK or VLEK, ASK, ASVK, ARK in any order, each DER.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> SnpCertificates { get; init; } = [];

    /// <summary>SNP: AMD's revocation lists, each DER.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> SnpCrls { get; init; } = [];

    /// <summary>TDX: TCB info, QE identity, revocation lists; null when there is none.</summary>
    public TdxCollateral? Tdx { get; init; }

    /// <summary>Both collections; of TDX the other's parts where this has none.</summary>
    public VerificationCollateral With(VerificationCollateral other) => new()
    {
        SnpCertificates = [.. SnpCertificates, .. other.SnpCertificates],
        SnpCrls = [.. SnpCrls, .. other.SnpCrls],
        Tdx = Tdx is { } mine && other.Tdx is { } theirs ? mine.With(theirs) : Tdx ?? other.Tdx,
    };
}
