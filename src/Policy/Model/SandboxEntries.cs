using System.Collections.Immutable;
using Pavise.Policy.Matching;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model;

/// <summary>The pVM as a whole.</summary>
/// <param name="Hostname">The pinned host name; where the host chooses, the one used until then.</param>
/// <param name="HostnameFromHost">Whether the host chooses it.</param>
/// <param name="HostnameMatches">What the host's choice must match; null: any host name.</param>
/// <param name="HostnameWritten">Whether the policy says anything of it.</param>
/// <param name="MemoryBytes">Memory of the pVM, or null.</param>
/// <param name="MilliCpus">CPUs of the pVM in thousandths, or null.</param>
public sealed record SandboxSettings(string Hostname, bool HostnameFromHost, Pattern? HostnameMatches, bool HostnameWritten, ulong? MemoryBytes, int? MilliCpus);

/// <summary>An owner and what it may do in a session.</summary>
/// <param name="Name">Name, unique in the policy.</param>
/// <param name="SignKey">DER SubjectPublicKeyInfo of its signing key, base64.</param>
/// <param name="SealKey">DER SubjectPublicKeyInfo of the key that things are sealed to, base64.</param>
/// <param name="May">exec, attach, logs, copy, forward, ps, stats, audit, seal.</param>
public sealed record OwnerEntry(string Name, string SignKey, string SealKey, ImmutableArray<string> May);

/// <summary>A secret and where it goes.</summary>
/// <param name="Container">Index of the container.</param>
/// <param name="Plan">The secret.</param>
public sealed record SecretEntry(int Container, SecretPlan Plan);

/// <summary>What the host sees and may ask beyond the containers.</summary>
/// <param name="Stats">How finely it sees resource use.</param>
/// <param name="Processes">How much it sees of processes.</param>
/// <param name="Pause">Whether it may freeze containers.</param>
/// <param name="Resize">Up to what it may change limits; null: not at all.</param>
/// <param name="ErrorsDetailed">Whether refusals tell it rule, reason and hint.</param>
public sealed record HostEntry(StatsDisclosure Stats, ProcessDisclosure Processes, bool Pause, ResourceMaximums? Resize, bool ErrorsDetailed);

/// <summary>What proves the launch, and to whom.</summary>
/// <param name="KeyBrokerUrl">The key broker, or empty.</param>
/// <param name="KeyBrokerKeySha256Hex">SHA-256 of its SubjectPublicKeyInfo, or empty.</param>
/// <param name="Tees">Accepted kinds of evidence: snp, tdx, sim.</param>
public sealed record AttestationEntry(string KeyBrokerUrl, string KeyBrokerKeySha256Hex, ImmutableArray<string> Tees)
{
    /// <summary>How many pVMs of the policy may live at once; null: any number.</summary>
    public InstancesEntry? Instances { get; init; }
}

/// <summary>How many pVMs of the policy may live at once, counted by the key broker.</summary>
/// <param name="Most">So many.</param>
/// <param name="Lease">The resource whose lease each of them holds.</param>
/// <param name="Seconds">How long a lease lasts without being renewed: so long a dead one's place stays taken.</param>
public sealed record InstancesEntry(int Most, string Lease, int Seconds);
