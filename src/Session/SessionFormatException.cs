namespace Pavise.Session;

/// <summary>Bytes of a peer that are not the message they should be. The message names the member and what was expected.</summary>
public sealed class SessionFormatException(string message) : Exception(message);
