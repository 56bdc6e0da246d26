namespace Pavise.KeyBroker.Http;

/// <summary>The broker cannot take this request now; later it can. Becomes the answer 503.</summary>
internal sealed class BusyException(string message) : Exception(message);
