namespace Pavise.Attestation.Collateral;

/// <summary>Intel's collateral for one platform (Intel PCS API, version 4). A part may be empty: its checks are then not evaluated.</summary>
/// <param name="TcbInfo">Answer of <c>/tdx/certification/v4/tcb</c>, its exact bytes: <c>{"tcbInfo":{…},"signature":"…"}</c>.</param>
/// <param name="TcbInfoChain">PEM: TCB signing certificate, root (header TCB-Info-Issuer-Chain).</param>
/// <param name="QeIdentity">Answer of <c>/tdx/certification/v4/qe/identity</c>, its exact bytes: <c>{"enclaveIdentity":{…},"signature":"…"}</c>.</param>
/// <param name="QeIdentityChain">PEM: TCB signing certificate, root (header SGX-Enclave-Identity-Issuer-Chain).</param>
/// <param name="PckCrl">Revocation list of the CA that issued the platform's PCK certificate, DER.</param>
/// <param name="RootCrl">Revocation list of Intel's root, DER.</param>
/// <param name="PckCrlChain">PEM: the list's issuer, root (header SGX-PCK-CRL-Issuer-Chain). For caches: a verifier takes the issuer from the quote.</param>
public sealed record TdxCollateral(
    ReadOnlyMemory<byte> TcbInfo,
    ReadOnlyMemory<byte> TcbInfoChain,
    ReadOnlyMemory<byte> QeIdentity,
    ReadOnlyMemory<byte> QeIdentityChain,
    ReadOnlyMemory<byte> PckCrl,
    ReadOnlyMemory<byte> RootCrl,
    ReadOnlyMemory<byte> PckCrlChain = default)
{
    /// <summary>Nothing.</summary>
    public static TdxCollateral None { get; } = new(default, default, default, default, default, default);

    /// <summary>This, with the other's parts where this has none.</summary>
    public TdxCollateral With(TdxCollateral other) => new(
        TcbInfo.IsEmpty ? other.TcbInfo : TcbInfo,
        TcbInfo.IsEmpty ? other.TcbInfoChain : TcbInfoChain,
        QeIdentity.IsEmpty ? other.QeIdentity : QeIdentity,
        QeIdentity.IsEmpty ? other.QeIdentityChain : QeIdentityChain,
        PckCrl.IsEmpty ? other.PckCrl : PckCrl,
        RootCrl.IsEmpty ? other.RootCrl : RootCrl,
        PckCrl.IsEmpty ? other.PckCrlChain : PckCrlChain);
}
