using Pavise.Session.Rcar;

namespace Pavise.Session.Client;

/// <summary>What a guest shows to a broker.</summary>
/// <param name="Tee">Kind of evidence, as the protocol names it: snp, tdx, or sim.</param>
/// <param name="InitData">The document that the launch binds: for a Pavise guest <c>new("json", canonical policy)</c>.</param>
/// <param name="Evidence">Makes evidence over 64 bytes of report data: <c>primary_evidence</c> as JSON (<c>Pavise.Attestation.Kbs.EvidenceJson.Write</c>).</param>
public sealed record AttestParameters(string Tee, InitData? InitData, Func<ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>>> Evidence)
{
    /// <summary>Use P-521 for the exchange instead of P-256.</summary>
    public bool P521 { get; init; }
}
