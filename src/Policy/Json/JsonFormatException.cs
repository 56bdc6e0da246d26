namespace Pavise.Policy.Json;

/// <summary>Bytes that are not the bounded JSON (RFC 8259, no name twice in an object, no NUL in a text) that is read here.</summary>
public sealed class JsonFormatException(string message) : Exception(message);
