using System.Text;
using Pavise.Attestation;
using Pavise.Attestation.Collateral;

namespace Pavise.Collateral;

/// <summary>
/// Intel's provisioning certification service, API version 4: TCB info and QE identity for TDX, revocation lists. Not run against Intel's own service: there is
/// no network where this is tested.
/// </summary>
/// <param name="client">Its timeout bounds a request.</param>
/// <param name="service">Intel's is <see cref="Intel"/>; a cloud's cache (PCCS) speaks the same.</param>
/// <param name="rootCrl">Where the root's revocation list is; Intel's is <see cref="IntelRootCrl"/>.</param>
public sealed class IntelProvisioningService(HttpClient client, Uri service, Uri rootCrl) : ICollateralSource
{
    /// <summary>Intel's own service.</summary>
    public static readonly Uri Intel = new("https://api.trustedservices.intel.com/");

    /// <summary>Intel's own list.</summary>
    public static readonly Uri IntelRootCrl = new("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");

    private readonly BoundedHttp _http = new(client, "Intel's provisioning service");

    /// <inheritdoc/>
    public async Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation)
    {
        if (request.Tee != TeeKind.Tdx)
        {
            return VerificationCollateral.None;
        }

        (byte[] info, Func<string, string?> infoHeaders) = await _http.GetAsync(new(service, $"tdx/certification/v4/tcb?fmspc={Convert.ToHexStringLower(request.Fmspc.Span)}"), cancellation);
        (byte[] identity, Func<string, string?> identityHeaders) = await _http.GetAsync(new(service, "tdx/certification/v4/qe/identity"), cancellation);
        (byte[] pck, Func<string, string?> pckHeaders) = await _http.GetAsync(new(service, $"sgx/certification/v4/pckcrl?ca={request.PckCa}&encoding=der"), cancellation);
        (byte[] root, _) = await _http.GetAsync(rootCrl, cancellation);
        return new()
        {
            Tdx = new(
                info,
                Chain(infoHeaders, "TCB-Info-Issuer-Chain"),
                identity,
                Chain(identityHeaders, "SGX-Enclave-Identity-Issuer-Chain"),
                pck,
                root,
                Chain(pckHeaders, "SGX-PCK-CRL-Issuer-Chain")),
        };
    }

    private static byte[] Chain(Func<string, string?> headers, string name) => headers(name) is { Length: <= CollateralLimits.HeaderChars } value
        ? Encoding.UTF8.GetBytes(Uri.UnescapeDataString(value))
        : throw new CollateralException($"Intel's provisioning service sent no header {name}");
}
