using System.Collections.Immutable;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation;

/// <summary>What an SNP report must show beyond <see cref="EvidenceRequirements"/>. The simulated kind obeys the guest policy, VMPL and identity parts too.</summary>
public sealed record SnpRequirements
{
    /// <summary>Bits of PLATFORM_INFO that are defined (SEV-SNP ABI 1.58): SMT, TSME, ECC, RAPL off, ciphertext hiding, alias check complete, TIO.</summary>
    public const ulong KnownPlatformBits = 0xBF;

    /// <summary>PLATFORM_INFO bit 5, ALIAS_CHECK_COMPLETE (ABI 1.57): the memory modules were checked for addresses that alias, with which a host could write to the guest's memory. Older firmware does not set it.</summary>
    public const ulong AliasCheckComplete = 1UL << 5;

    /// <summary>The lowest TCB per processor generation, for the reported, committed and launch TCB. A generation without one is refused.</summary>
    public ImmutableDictionary<SnpProduct, SnpTcb> MinimumTcb { get; init; } = ImmutableDictionary<SnpProduct, SnpTcb>.Empty;

    /// <summary>Explicitly accept any TCB of a generation without a minimum.</summary>
    public bool AnyTcb { get; init; }

    /// <summary>Explicitly do without AMD's revocation list when there is none. A list that is there is always obeyed.</summary>
    public bool NoRevocationList { get; init; }

    /// <summary>Lowest report version: 2 accepts every known one; 3 and later carry the processor's family and model.</summary>
    public uint MinimumVersion { get; init; } = 2;

    /// <summary>Keys that may sign.</summary>
    public ImmutableArray<SnpSigningKey> SigningKeys { get; init; } = [SnpSigningKey.Vcek, SnpSigningKey.Vlek];

    /// <summary>With a VLEK: the cloud provider ids that are accepted (extension CSP_ID). Empty: any.</summary>
    public ImmutableArray<string> CloudProviders { get; init; } = [];

    /// <summary>Accept a guest that the host may debug. Its memory is the host's.</summary>
    public bool AllowDebug { get; init; }

    /// <summary>Accept a guest that a migration agent may move.</summary>
    public bool AllowMigration { get; init; }

    /// <summary>Accept a guest whose policy lets it run with simultaneous multithreading.</summary>
    public bool AllowSmt { get; init; } = true;

    /// <summary>Demand that the guest runs on one socket.</summary>
    public bool RequireSingleSocket { get; init; }

    /// <summary>Lowest ABI (major, minor) that the guest policy demands of the firmware.</summary>
    public (byte Major, byte Minor) MinimumAbi { get; init; }

    /// <summary>Lowest committed firmware version (major, minor, build).</summary>
    public (byte Major, byte Minor, byte Build) MinimumFirmware { get; init; }

    /// <summary>Bits of PLATFORM_INFO that must be set; zero: explicitly none.</summary>
    public ulong PlatformRequired { get; init; } = AliasCheckComplete;

    /// <summary>Bits of PLATFORM_INFO that may be set; others are refused.</summary>
    public ulong PlatformAllowed { get; init; } = KnownPlatformBits;

    /// <summary>Lowest GUEST_SVN, from the ID block.</summary>
    public uint MinimumGuestSvn { get; init; }

    /// <summary>Accepted ID_KEY_DIGEST values, 48 bytes each. Empty: not asked.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> IdKeyDigests { get; init; } = [];

    /// <summary>Accepted AUTHOR_KEY_DIGEST values, 48 bytes each. Empty: not asked.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> AuthorKeyDigests { get; init; } = [];

    /// <summary>Accepted FAMILY_ID values, 16 bytes each. Empty: not asked.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> FamilyIds { get; init; } = [];

    /// <summary>Accepted IMAGE_ID values, 16 bytes each. Empty: not asked.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> ImageIds { get; init; } = [];
}
