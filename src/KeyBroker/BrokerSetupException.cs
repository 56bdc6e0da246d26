namespace Pavise.KeyBroker;

/// <summary>The broker cannot start or go on: what is wrong and what to do. Ends the program with exit code 1.</summary>
internal sealed class BrokerSetupException(string message, Exception? inner = null) : Exception(message, inner);
