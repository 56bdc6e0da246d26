using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>CreateContainer: which entry of the policy the host selects. Candidates are narrowed step by step.</summary>
internal static class CreateSelection
{
    private delegate bool Fit(in Case<CreateContainer> c, ContainerEntry entry);

    private static readonly (string Id, Fit Fits, Func<CreateContainer, string> Asked)[] Steps =
    [
        ("CreateContainer.root", (in Case<CreateContainer> c, ContainerEntry e) => e.Root == c.Request.Root, r => $"the root image {r.Root}"),
        ("CreateContainer.args", (in Case<CreateContainer> c, ContainerEntry e) => ExecRules.Args(e.Process.Args, c.Request.Spec.Process.Args),
            r => $"the arguments [{string.Join(", ", r.Spec.Process.Args.Take(8).Select(Lookups.Shown))}{(r.Spec.Process.Args.Length > 8 ? ", …" : "")}]"),
        ("CreateContainer.cwd", (in Case<CreateContainer> c, ContainerEntry e) => e.Process.Cwd == c.Request.Spec.Process.Cwd, r => $"the working directory {Lookups.Shown(r.Spec.Process.Cwd)}"),
        ("CreateContainer.user", (in Case<CreateContainer> c, ContainerEntry e) => e.Process.Uid == c.Request.Spec.Process.Uid && e.Process.Gid == c.Request.Spec.Process.Gid,
            r => $"user {r.Spec.Process.Uid}:{r.Spec.Process.Gid}"),
        ("CreateContainer.terminal", (in Case<CreateContainer> c, ContainerEntry e) => e.Process.Terminal == c.Request.Spec.Process.Terminal, r => r.Spec.Process.Terminal ? "a terminal" : "no terminal"),
        ("CreateContainer.env", (in Case<CreateContainer> c, ContainerEntry e) => EnvHoles.Problem(e.Process.Env, c.Request.Spec.Process.Env) is null,
            r => "these values of variables that the host may set"),
        ("CreateContainer.resources", (in Case<CreateContainer> c, ContainerEntry e) => ResourceLimits.Above(c.Request.Spec.Linux.Resources, e.Resources) is null, r => "limits above its maximums"),
        ("CreateContainer.files", (in Case<CreateContainer> c, ContainerEntry e) => MountPlans.FirstMissing(e, c.Request.Spec) is null, r => "a configuration without the bind mounts that bring its files"),
        ("CreateContainer.instances", (in Case<CreateContainer> c, ContainerEntry e) => Live(c.State, e) < e.Instances, r => "one more instance"),
        ("CreateContainer.restarts", (in Case<CreateContainer> c, ContainerEntry e) => c.State.History.GetValueOrDefault(e.Index).Created < (long)e.Instances + e.MaxRestarts, r => "one more restart"),
    ];

    public static IEnumerable<string> Ids => Steps.Select(s => s.Id);

    public static (ContainerEntry? Entry, Refusal? Refusal) Select(in Case<CreateContainer> c, IReadOnlySet<string>? disabled)
    {
        List<ContainerEntry> candidates = [.. c.Policy.Containers];
        foreach ((string id, Fit fits, Func<CreateContainer, string> asked) in Steps)
        {
            if (disabled is not null && disabled.Contains(id))
            {
                continue;
            }

            List<ContainerEntry> left = [];
            foreach (ContainerEntry entry in candidates)
            {
                if (fits(c, entry))
                {
                    left.Add(entry);
                }
            }

            if (left.Count == 0)
            {
                ContainerEntry? nearest = candidates.Count > 0 ? candidates[0] : null;
                return (null, c.Refuse(nearest is null ? "containers" : $"{nearest.RulePath}.{id[(id.IndexOf('.', StringComparison.Ordinal) + 1)..]}",
                    nearest is null ? "the policy lists no container" : $"container entry {nearest.Name} does not admit {asked(c.Request)}", Hint(id)));
            }

            candidates = id == "CreateContainer.files" ? Named(left, c.Request.Name) : left;
        }

        return (candidates[0], null);
    }

    /// <summary>
    /// Entries that differ only in what is pinned: an honest orchestrator's name for the container says which is meant. The name is the host's, so it
    /// never admits what else is refused, and where it names none of them it says nothing.
    /// </summary>
    private static List<ContainerEntry> Named(List<ContainerEntry> candidates, string name) =>
        candidates.FindIndex(e => e.Name == name) is >= 0 and int index ? [candidates[index]] : candidates;

    private static string Hint(string id) => id switch
    {
        "CreateContainer.instances" => "raise instances",
        "CreateContainer.restarts" => "raise restarts.max",
        "CreateContainer.resources" => "raise the maximum under resources",
        _ => "write what the container really needs into its entry",
    };

    private static int Live(PolicyState state, ContainerEntry entry)
    {
        int live = 0;
        foreach (ContainerState container in state.Containers.Values)
        {
            live += container.Entry.Index == entry.Index && container.IsLive ? 1 : 0;
        }

        return live;
    }
}
