using System.Collections.Immutable;
using Pavise.Policy;
using Pavise.Policy.Model;

namespace Pavise.Owner.Policies.Operations;

/// <summary>What one or several policies name: the operations of each are asked of all, so that lists can be compared.</summary>
internal sealed class Vocabulary
{
    public Vocabulary(params PolicyDocument[] policies)
    {
        Policies = policies;
        Containers = [.. policies.SelectMany(p => p.Containers.Select(c => c.Name)).Distinct()];
        Roots = [.. policies.SelectMany(p => p.Containers.Select(c => c.Root)).Distinct()];
        Owners = [.. policies.SelectMany(p => p.Owners.Select(o => o.Name)).Distinct().DefaultIfEmpty("an owner")];
        Ingress = [.. policies.SelectMany(p => p.Network.Ingress.Select(i => i.Port)).Distinct().Order()];
        Egress = [.. policies.SelectMany(p => p.Network.Egress).DistinctBy(e => (e.Host, e.Port, e.Udp, string.Join(',', e.Addresses))).OrderBy(e => e.Host, StringComparer.Ordinal).ThenBy(e => e.Port)];
        Volumes = [.. policies.SelectMany(p => p.Volumes.Keys).Distinct().Order(StringComparer.Ordinal)];
    }

    public PolicyDocument[] Policies { get; }

    public ImmutableArray<string> Containers { get; }

    public ImmutableArray<RootHash> Roots { get; }

    public ImmutableArray<string> Owners { get; }

    public ImmutableArray<int> Ingress { get; }

    public ImmutableArray<EgressEntry> Egress { get; }

    public ImmutableArray<string> Volumes { get; }

    /// <summary>Execs of a container, by the line that describes each.</summary>
    public ImmutableArray<string> Execs(string container) =>
        [.. Policies.SelectMany(p => p.Containers.Where(c => c.Name == container).SelectMany(c => c.Exec.Select(e => Box.ExecName(c, e)))).Distinct()];

    /// <summary>Files that the host brings into a container: mount, name, pinned digest or null, most bytes.</summary>
    public ImmutableArray<(string Mount, string Name, string? Digest, ulong Most)> Files(string container) =>
        [.. Policies.SelectMany(p => p.Containers.Where(c => c.Name == container).SelectMany(c => c.Mounts.SelectMany(m => m.Files.Select(f => (m.Path, f.Name, f.Sha256Hex, f.MaxBytes))))).Distinct()];

    /// <summary>Places of a container's encrypted volumes.</summary>
    public ImmutableArray<string> Encrypted(string container) =>
        [.. Policies.SelectMany(p => p.Containers.Where(c => c.Name == container).SelectMany(c => c.Mounts.Where(m => m.Plan.Encrypted is not null).Select(m => m.Path))).Distinct()];

    /// <summary>Bounds of one kind of limit that any policy names under <c>host.resize</c>.</summary>
    public ImmutableArray<long> Resize(Func<ResourceMaximums, long?> of) =>
        [.. Policies.Select(p => p.Host.Resize is { } most ? of(most) : null).Where(m => m is not null).Select(m => m!.Value).Distinct().Order()];
}
