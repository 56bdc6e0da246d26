namespace Pavise.Policy.Model;

/// <summary>The document is not a policy. The message names the path, what was found and what to write instead.</summary>
public sealed class PolicyFormatException(string message) : Exception(message);
