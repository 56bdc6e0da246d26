namespace Pavise.Attestation.Collateral;

/// <summary>Collateral could not be had. The message names the source and what to do.</summary>
public sealed class CollateralException(string message, Exception? inner = null) : Exception(message, inner);
