namespace Pavise.Attestation;

/// <summary>Bytes that are not the evidence they should be. The message names the field and what was expected.</summary>
public sealed class EvidenceFormatException(string message) : Exception(message);
