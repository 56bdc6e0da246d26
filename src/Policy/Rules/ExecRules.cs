using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>ExecProcess: general rules, then selection of one entry.</summary>
internal static class ExecRules
{
    public static Rule<ExecProcess>[] General { get; } =
    [
        new("ExecProcess.exists", (in Case<ExecProcess> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("ExecProcess.running", (in Case<ExecProcess> c) => c.Container(c.Request.ContainerId)! is { Status: not ContainerStatus.Running } container
            ? c.Refuse($"{container.Entry.RulePath}.exec", $"the container is {container.Status.ToString().ToLowerInvariant()}, not running", kind: RefusalKind.State) : null),
        new("ExecProcess.id", (in Case<ExecProcess> c) => Lookups.IsId(c.Request.ExecId) && !c.State.Used.Contains(IdKinds.Exec, c.Request.ContainerId, c.Request.ExecId) ? null
            : c.Refuse("containers.exec", "the exec id is empty, too long, or was used before; an id is never used twice", kind: RefusalKind.State)),
        new("ExecProcess.many", (in Case<ExecProcess> c) => c.Container(c.Request.ContainerId)!.Execs.Count < PolicyLimits.LiveExecs && c.State.Used.Count < PolicyLimits.UsedIds ? null
            : c.Refuse("containers.exec", $"{PolicyLimits.LiveExecs} execs exist in the container; remove ended ones", kind: RefusalKind.State)),
    ];

    /// <summary>Steps of the selection, each with the id by which a test switches it off.</summary>
    private static readonly (string Id, Func<ExecTemplate, OciProcess, bool> Fits, Func<OciProcess, string> Asked)[] Steps =
    [
        ("ExecProcess.args", (t, p) => Args(t.Entry.Process.Args, p.Args), p => $"the arguments [{string.Join(", ", p.Args.Take(8).Select(Lookups.Shown))}{(p.Args.Length > 8 ? ", …" : "")}]"),
        ("ExecProcess.user", (t, p) => t.Entry.Process.Uid == p.Uid && t.Entry.Process.Gid == p.Gid, p => $"user {p.Uid}:{p.Gid}"),
        ("ExecProcess.cwd", (t, p) => t.Entry.Process.Cwd == p.Cwd, p => $"the working directory {Lookups.Shown(p.Cwd)}"),
        ("ExecProcess.terminal", (t, p) => t.Entry.Process.Terminal == p.Terminal, p => p.Terminal ? "a terminal" : "no terminal"),
        ("ExecProcess.env", (t, p) => EnvHoles.Problem(t.Entry.Process.Env, p.Env) is null, p => "these values of variables that the host may set"),
    ];

    /// <summary>The first entry that fits, or why none does. Narrows step by step, so that the reason names the first difference.</summary>
    public static (ExecTemplate? Template, Refusal? Refusal) Select(in Case<ExecProcess> c, IReadOnlySet<string>? disabled)
    {
        ContainerState container = c.Container(c.Request.ContainerId)!;
        OciProcess process = c.Request.Process;
        foreach (ExecTemplate template in container.Templates.AsSpan())
        {
            if (FirstMisfit(template, process, disabled) < 0)
            {
                return (template, null);
            }
        }

        return (null, None(c, container, process, disabled));
    }

    // Apart from the selection, which allocates nothing: a closure is made here.
    private static Refusal None(in Case<ExecProcess> c, ContainerState container, OciProcess process, IReadOnlySet<string>? disabled)
    {
        int furthest = container.Templates.IsEmpty ? 0 : container.Templates.Max(t => FirstMisfit(t, process, disabled));
        string rule = $"{container.Entry.RulePath}.exec";
        return container.Templates.IsEmpty
            ? c.Refuse(rule, "the policy lists no exec for this container", "list it under exec")
            : c.Refuse(rule, $"no exec entry admits {Steps[furthest].Asked(process)}", "list it under exec");
    }

    private static int FirstMisfit(ExecTemplate template, OciProcess process, IReadOnlySet<string>? disabled)
    {
        for (int i = 0; i < Steps.Length; i++)
        {
            if ((disabled is null || !disabled.Contains(Steps[i].Id)) && !Steps[i].Fits(template, process))
            {
                return i;
            }
        }

        return -1;
    }

    internal static bool Args(System.Collections.Immutable.ImmutableArray<ArgEntry> wanted, System.Collections.Immutable.ImmutableArray<string> asked)
    {
        if (wanted.Length != asked.Length)
        {
            return false;
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            if (!wanted[i].Admits(asked[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static IEnumerable<string> Ids => Steps.Select(s => s.Id);
}
