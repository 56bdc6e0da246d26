using System.Collections.Immutable;
using System.Globalization;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Requests from values, and states in which they are decided: what the host would have done before.</summary>
internal static class Scene
{
    /// <summary>Id of the container under look.</summary>
    public const string Container = "c";

    private static readonly HashSet<string> Unbuilt = [CreateDecision.Unbuilt];

    /// <summary>Bound, and every image of the policy attached.</summary>
    public static PolicyState Attached(PolicyDocument policy) => PolicyState.Empty with { Bound = true, Attached = policy.Roots };

    /// <summary>A request to create a container, from the values of a <see cref="Box"/>.</summary>
    public static CreateContainer Create(IReadOnlyDictionary<string, string?> values, string id = Container)
    {
        RootHash.TryParse(values.GetValueOrDefault("root image") ?? "", out RootHash root);
        long? cpus = Number(values, "limit cpus (thousandths)");
        OciSpec spec = new()
        {
            Process = Process(values),
            Hostname = values.GetValueOrDefault("host name") ?? "",
            Mounts = [.. values.Where(v => v.Key.StartsWith("file at ", StringComparison.Ordinal) && v.Value is not null).Select(v => new OciMount(v.Key[8..], "bind", "/files", [], false))],
            Linux = OciLinux.None with
            {
                Resources = OciResources.None with
                {
                    MemoryLimit = Number(values, "limit memory"),
                    Pids = Number(values, "limit processes"),
                    CpuQuota = cpus * 100,
                    CpuPeriod = cpus is null ? null : 100_000,
                },
            },
        };
        return new(id, "", spec, root);
    }

    /// <summary>A request to run a process.</summary>
    public static ExecProcess Exec(IReadOnlyDictionary<string, string?> values, string exec) => new(Container, exec, Process(values));

    /// <summary>The container exists, its files are not brought.</summary>
    public static PolicyState Created(PolicyDocument policy, ContainerEntry entry)
    {
        // Of this entry, whatever other entries the same request would select before it; also where a part of it is not built yet.
        PolicyDocument alone = policy with { Containers = [entry] };
        PolicyState attached = Attached(policy);
        Decision decision = PolicyEngine.Decide(alone, attached, Create(Box.Of(policy, entry).Uncovered([]).Values), Unbuilt);
        return decision.Plan is { } plan ? attached.After(plan) : throw new OwnerException($"{entry.RulePath}: no request can create it: {decision.Refusal!.Reason}");
    }

    /// <summary>The container runs.</summary>
    public static PolicyState Running(PolicyDocument policy, ContainerEntry entry) => Created(policy, entry) is var created ? With(created, c => c with { Status = ContainerStatus.Running, Wanted = [] }) : created;

    /// <summary>The container runs, and an exec in it.</summary>
    public static PolicyState Running(PolicyDocument policy, ContainerEntry entry, ExecEntry exec, string id) =>
        With(Running(policy, entry), c => c with { Execs = c.Execs.SetItem(id, new(exec.Stdio, true)) });

    public static PolicyState With(PolicyState state, Func<ContainerState, ContainerState> change) => state with { Containers = state.Containers.SetItem(Container, change(state.Containers[Container])) };

    private static OciProcess Process(IReadOnlyDictionary<string, string?> values)
    {
        int count = int.Parse(values.GetValueOrDefault("number of arguments") ?? "0", CultureInfo.InvariantCulture);
        string[] user = (values.GetValueOrDefault("user") ?? "0:0").Split(':');
        return new()
        {
            Args = [.. Enumerable.Range(0, count).Select(i => values.GetValueOrDefault($"argument {i}") ?? "")],
            Env = [.. values.Where(v => v.Key.StartsWith("variable ", StringComparison.Ordinal) && v.Value is not null).Select(v => $"{v.Key[9..]}={v.Value}")],
            Cwd = values.GetValueOrDefault("working directory") ?? "/",
            Uid = uint.Parse(user[0], CultureInfo.InvariantCulture),
            Gid = uint.Parse(user[1], CultureInfo.InvariantCulture),
            Terminal = values.GetValueOrDefault("terminal") == "yes",
        };
    }

    private static long? Number(IReadOnlyDictionary<string, string?> values, string name) => values.GetValueOrDefault(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}
