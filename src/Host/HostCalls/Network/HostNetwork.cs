namespace Pavise.Host.HostCalls.Network;

/// <summary>The network of a pod or a container as its engine prepared it.</summary>
/// <param name="Namespace">Path of the network namespace; empty for a fresh one; null for the launching process's own.</param>
/// <param name="ResolvConf">The resolver's configuration, a file of the host; null for the host's own.</param>
/// <param name="Hosts">The file of host names; null for the host's own.</param>
public sealed record HostNetwork(string? Namespace, string? ResolvConf, string? Hosts);
