using System.Collections.Immutable;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;

namespace Pavise.Collateral;

/// <summary>
/// AMD's key distribution service (57230, "KDS interface"): VCEK by chip and TCB, chain and revocation list by product. VLEKs it does not give out: the cloud
/// provider's host has them, and evidence brings them along. A VCEK that evidence brings is not asked for either. Not run against AMD's own service: there is no network where this is tested.
/// </summary>
/// <param name="client">Its timeout bounds a request.</param>
/// <param name="service">AMD's is <see cref="Amd"/>.</param>
public sealed class AmdKeyService(HttpClient client, Uri service) : ICollateralSource
{
    /// <summary>AMD's own service.</summary>
    public static readonly Uri Amd = new("https://kdsintf.amd.com/");

    /// <summary>Bytes of CHIP_ID by which Turin's certificates are found; before Turin all 64.</summary>
    private const int TurinChipBytes = 8;

    private readonly BoundedHttp _http = new(client, "AMD's key service");

    /// <inheritdoc/>
    public async Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation)
    {
        if (request.Tee != TeeKind.Snp || request.SigningKey == SnpSigningKey.None)
        {
            return VerificationCollateral.None;
        }

        // Reports of version 2 do not say what made them, and Turin makes none of that version.
        SnpProduct[] candidates = request.Product is { } known ? [known] : [SnpProduct.Milan, SnpProduct.Genoa];
        CollateralException? failure = null;
        foreach (SnpProduct product in candidates)
        {
            try
            {
                return await FindAsync(request, product, cancellation);
            }
            catch (CollateralException e)
            {
                failure ??= e;
            }
        }

        throw failure!;
    }

    private async Task<VerificationCollateral> FindAsync(CollateralRequest request, SnpProduct product, CancellationToken cancellation)
    {
        bool vlek = request.SigningKey == SnpSigningKey.Vlek;
        string kind = vlek ? "vlek" : "vcek";
        List<ReadOnlyMemory<byte>> certificates = [];
        if (!vlek && !Completeness.BringsVcek(request))
        {
            certificates.Add((await _http.GetAsync(new(service, Vcek(request, product)), cancellation)).Body);
        }

        (byte[] chain, _) = await _http.GetAsync(new(service, $"{kind}/v1/{product}/cert_chain"), cancellation);
        (byte[] crl, _) = await _http.GetAsync(new(service, $"{kind}/v1/{product}/crl"), cancellation);
        try
        {
            certificates.AddRange(Pem.Certificates(chain));
        }
        catch (EvidenceFormatException e)
        {
            throw new CollateralException($"AMD's key service sent no chain for {product}: {e.Message}", e);
        }

        return new() { SnpCertificates = [.. certificates], SnpCrls = [crl] };
    }

    private static string Vcek(CollateralRequest request, SnpProduct product)
    {
        if (SnpTcb.Read(request.ReportedTcb, product) is not { } tcb)
        {
            throw new CollateralException($"the report's TCB is none of {product}");
        }

        bool turin = product == SnpProduct.Turin;
        string chip = Convert.ToHexStringLower(turin ? request.ChipId.Span[..TurinChipBytes] : request.ChipId.Span);
        string fmc = turin ? $"fmcSPL={tcb.Fmc:00}&" : "";
        return $"vcek/v1/{product}/{chip}?{fmc}blSPL={tcb.BootLoader:00}&teeSPL={tcb.Tee:00}&snpSPL={tcb.Snp:00}&ucodeSPL={tcb.Microcode:00}";
    }
}
