namespace Pavise.Attestation.Collateral;

/// <summary>Intel's collateral for one platform (Intel PCS API, version 4). A part may be empty: its checks are then not evaluated.</summary>
/// <param name="TcbInfo">Answer of <c>/tdx/certification/v4/tcb</c>, its exact bytes: <c>{"tcbInfo":{…},"signature":"…"}</c>.</param>
/// <param name="TcbInfoChain">PEM: TCB signing certificate, root (header TCB-Info-Issuer-Chain).</param>
/// <param name="QeIdentity">Answer of <c>/tdx/certification/v4/qe/identity</c>, its exact bytes: <c>{"enclaveIdentity":{…},"signature":"…"}</c>.</param>
/// <param name="QeIdentityChain">PEM: TCB signing certificate, root (header SGX-Enclave-Identity-Issuer-Chain).</param>
/// <param name="PckCrl">Revocation list of the CA that issued the platform's PCK certificate, DER.</param>
/// <param name="RootCrl">Revocation list of Intel's root, DER.</param>
public sealed record TdxCollateral(
    ReadOnlyMemory<byte> TcbInfo,
    ReadOnlyMemory<byte> TcbInfoChain,
    ReadOnlyMemory<byte> QeIdentity,
    ReadOnlyMemory<byte> QeIdentityChain,
    ReadOnlyMemory<byte> PckCrl,
    ReadOnlyMemory<byte> RootCrl)
{
    /// <summary>Nothing.</summary>
    public static TdxCollateral None { get; } = new(default, default, default, default, default, default);
}
