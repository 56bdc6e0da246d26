namespace Pavise.Attestation.Collateral;

/// <summary>Where certificates and collateral come from: files, a cache, the vendors' services. Implementations live outside this project: a guest has none.</summary>
public interface ICollateralSource
{
    /// <summary>Finds what verifying the evidence needs, or as much of it as there is: what is missing shows as a check that was not evaluated.</summary>
    /// <exception cref="CollateralException">The source could not be asked, or answered with something that cannot be used.</exception>
    Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation);
}
