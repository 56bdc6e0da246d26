using System.Collections.Immutable;
using Pavise.Attestation.Collateral;

namespace Pavise.Collateral;

/// <summary>Several sources, all asked in their order; what one lacks another may have. A source that fails is skipped, and its failure told when nothing was found.</summary>
/// <param name="sources">Sources, the preferred ones first.</param>
public sealed class SeveralSources(params ImmutableArray<ICollateralSource> sources) : ICollateralSource
{
    /// <inheritdoc/>
    public async Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation)
    {
        VerificationCollateral all = VerificationCollateral.None;
        CollateralException? failure = null;
        foreach (ICollateralSource source in sources)
        {
            try
            {
                all = all.With(await source.FindAsync(request, cancellation));
            }
            catch (CollateralException e)
            {
                failure ??= e;
            }
        }

        return failure is not null && all.SnpCertificates.IsEmpty && all.SnpCrls.IsEmpty && all.Tdx is null ? throw failure : all;
    }
}
