using System.Collections.Immutable;
using Pavise.Policy.Model;

namespace Pavise.Owner.Policies.Lints;

/// <summary>All lints, in the order in which they are reported.</summary>
internal static class PolicyLints
{
    public static ImmutableArray<Lint> All { get; } = [.. WholeLints.All, .. ContainerLints.All, .. HoleLints.All];

    public static IReadOnlyList<Finding> Check(PolicyDocument policy) =>
        [.. All.SelectMany(l => l.Find(policy).Select(f => new Finding(l.Id, l.Weight, f.Path, f.Message)))];
}
