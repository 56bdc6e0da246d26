using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Sealed;

namespace Pavise.Owner.Commands.Secrets;

/// <summary>Finds the place of a sealed value in a policy, and says at once what the guest would refuse later.</summary>
internal static class SealedPlaces
{
    /// <summary>The place and the resource.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="container">Container; null where the policy has one only.</param>
    /// <param name="variable">Variable, or null.</param>
    /// <param name="file">Mount path, or null.</param>
    /// <param name="resource">Resource; null where the place permits one only.</param>
    /// <exception cref="OwnerException">The policy takes no sealed value there, or not with this resource.</exception>
    public static (SealedPlace Place, ResourceUri Resource) Find(PolicyDocument policy, string? container, string? variable, string? file, ResourceUri? resource)
    {
        ContainerEntry entry = container is null && policy.Containers is [var only] ? only
            : policy.Containers.FirstOrDefault(c => c.Name == container)
            ?? throw new OwnerException(container is null ? "the policy has several containers" : $"the policy has no container {container}", $"--container {string.Join(" or ", policy.Containers.Select(c => c.Name))}");
        ImmutableArray<string> permitted = variable is not null
            ? entry.Process.Env.FirstOrDefault(e => e.Name == variable)?.Sealed ?? []
            : entry.Mounts.FirstOrDefault(m => m.Path == file)?.Files is [{ Sealed: { } plan }] ? plan.Resources : [];
        SealedPlace place = new(policy.Name, entry.Name, variable ?? "", file ?? "");
        if (permitted.IsEmpty)
        {
            throw new OwnerException($"the policy takes no sealed value for the {place}", variable is not null
                ? $"write {variable}: {{ from: host, sealed: [kbs:///…] }} under env"
                : $"write {{ path: {file}, from: host, sealed: [kbs:///…] }} under mounts");
        }

        string named = resource?.ToString() ?? (permitted is [var one] ? one : throw new OwnerException($"the {place} may use several resources", $"--resource {string.Join(" or ", permitted)}"));
        return permitted.Contains(named) ? (place, ResourceUri.Parse(named)) : throw new OwnerException($"the policy does not let the {place} use {named}", $"it permits {string.Join(", ", permitted)}");
    }
}
