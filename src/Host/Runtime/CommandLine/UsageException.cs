namespace Pavise.Host.Runtime.CommandLine;

/// <summary>The command line is wrong. The message says how.</summary>
internal sealed class UsageException(string message) : HostException(message);
