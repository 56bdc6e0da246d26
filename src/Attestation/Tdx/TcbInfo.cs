using System.Collections.Immutable;

namespace Pavise.Attestation.Tdx;

/// <summary>One level of TCB info.</summary>
/// <param name="SgxSvns">Lowest SGX TCB component SVNs, 16.</param>
/// <param name="PceSvn">Lowest PCESVN.</param>
/// <param name="TdxSvns">Lowest TEE_TCB_SVN, 16.</param>
/// <param name="Status">State of a platform at this level.</param>
/// <param name="Advisories">Advisories that apply to it.</param>
internal sealed record TcbLevel(ImmutableArray<byte> SgxSvns, int PceSvn, ImmutableArray<byte> TdxSvns, TcbStatus Status, ImmutableArray<string> Advisories);

/// <summary>One level of a TDX module or an enclave.</summary>
/// <param name="IsvSvn">Lowest ISVSVN.</param>
/// <param name="Status">UpToDate, OutOfDate or Revoked.</param>
/// <param name="Advisories">Advisories that apply to it.</param>
internal sealed record IsvLevel(int IsvSvn, TcbStatus Status, ImmutableArray<string> Advisories);

/// <summary>Who may have signed a TDX module. Id and levels only for modules with a version of their own.</summary>
internal sealed record TdxModuleIdentity(string Id, ReadOnlyMemory<byte> MrSigner, ulong Attributes, ulong AttributesMask, ImmutableArray<IsvLevel> Levels);

/// <summary>TCB info for TDX (Intel PCS API version 4, TCB info version 3).</summary>
internal sealed record TcbInfo
{
    /// <summary>When it was made.</summary>
    public required DateTimeOffset IssueDate { get; init; }

    /// <summary>When the next is due.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>Which kind of platform, 6 bytes.</summary>
    public required ReadOnlyMemory<byte> Fmspc { get; init; }

    /// <summary>PCEID, 2 bytes.</summary>
    public required ReadOnlyMemory<byte> PceId { get; init; }

    /// <summary>Number of Intel's evaluation; grows.</summary>
    public required uint Evaluation { get; init; }

    /// <summary>The module where none of <see cref="Modules"/> applies.</summary>
    public required TdxModuleIdentity Module { get; init; }

    /// <summary>Modules by version, ids TDX_01 and so on.</summary>
    public required ImmutableArray<TdxModuleIdentity> Modules { get; init; }

    /// <summary>Levels, highest first.</summary>
    public required ImmutableArray<TcbLevel> Levels { get; init; }
}

/// <summary>Identity of Intel's TD quoting enclave (Intel PCS API version 4, enclave identity version 2).</summary>
internal sealed record QeIdentity
{
    /// <summary>When it was made.</summary>
    public required DateTimeOffset IssueDate { get; init; }

    /// <summary>When the next is due.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>Number of Intel's evaluation; grows.</summary>
    public required uint Evaluation { get; init; }

    /// <summary>MISCSELECT and its mask, as they stand in a report (little-endian).</summary>
    public required (uint Value, uint Mask) MiscSelect { get; init; }

    /// <summary>ATTRIBUTES and their mask, 16 bytes each.</summary>
    public required (ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> Mask) Attributes { get; init; }

    /// <summary>MRSIGNER, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> MrSigner { get; init; }

    /// <summary>ISVPRODID.</summary>
    public required int IsvProdId { get; init; }

    /// <summary>Levels, highest first.</summary>
    public required ImmutableArray<IsvLevel> Levels { get; init; }
}
