namespace Pavise.Guest.Processes;

/// <summary>The process launcher could not start a process. The message is the launcher's own, bounded.</summary>
internal sealed class LaunchException(string message) : Exception(message);
