namespace Pavise.Attestation.Launch;

/// <summary>A firmware or parameter from which no launch measurement can be computed. The message says what is wrong.</summary>
public sealed class LaunchInputException(string message) : Exception(message);
