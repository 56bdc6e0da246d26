using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.Rules;

namespace Pavise.Policy.Engine;

/// <summary>An exec of the policy, complete but for its ids, the terminal's size and holes in the environment. Made when its container is.</summary>
internal sealed class ExecTemplate : IPlanTemplate
{
    private readonly ProcessPlan process;
    private readonly SeccompPlan seccomp;
    private readonly ImmutableArray<string> inherited;
    private readonly ImmutableArray<SecretPlan> secrets;
    private readonly ImmutableArray<string> sealedVariables;

    public ExecTemplate(ContainerEntry container, ExecEntry entry, ImmutableArray<string> containerEnv)
    {
        Entry = entry;
        Container = container;
        inherited = containerEnv;
        seccomp = container.Seccomp;

        // What the exec's entry says itself goes before what it inherits.
        secrets = [.. container.Secrets.Where(s => s.Variable.Length > 0 && !entry.Process.Env.Any(e => e.Name == s.Variable))];
        sealedVariables = [.. EnvHoles.Sealed(container.Process.Env, containerEnv).Select(s => s.Name).Where(n => !entry.Process.Env.Any(e => e.Name == n))];
        process = ProcessPlans.Of(entry.Process, entry.Stdio, [.. entry.Process.Args.Select(a => a.Text)], Environment([]), 0, 0);
    }

    public ContainerEntry Container { get; }

    public ExecEntry Entry { get; }

    public Plan Complete(Request request)
    {
        ExecProcess exec = (ExecProcess)request;
        ProcessPlan effective = process with
        {
            Args = exec.Process.Args,
            Env = Effective(exec),
            Columns = ProcessPlans.TerminalCells(Entry.Process, exec.Process.Columns),
            Rows = ProcessPlans.TerminalCells(Entry.Process, exec.Process.Rows),
        };
        return new ExecPlan(exec.ContainerId, exec.ExecId, effective, seccomp) { Secrets = secrets, SealedVariables = sealedVariables };
    }

    public ImmutableArray<Note> Notes(Request request) => Compare(request).Notes;

    /// <summary>The first value that a strict policy refuses.</summary>
    public Note? FirstMore(Request request) => Compare(request).FirstMore;

    private Findings Compare(Request request)
    {
        Findings findings = new($"{Container.RulePath}.exec[{Entry.Index}]");
        ExecProcess exec = (ExecProcess)request;
        ProcessComparison.Compare(findings, exec.Process, Entry.Process, Effective(exec));
        return findings;
    }

    /// <summary>The environment that the request's process gets: the template's, its holes filled. What fills a hole has an effect.</summary>
    private ImmutableArray<string> Effective(ExecProcess exec) => Entry.Process.Env.Any(e => e.FromHost) ? Environment(exec.Process.Env) : process.Env;

    /// <summary>The container's variables, over them the exec's own.</summary>
    private ImmutableArray<string> Environment(ImmutableArray<string> host)
    {
        SortedDictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (string assignment in inherited.AsSpan())
        {
            all[EnvNames.Of(assignment).ToString()] = assignment;
        }

        foreach (EnvEntry entry in Entry.Process.Env)
        {
            string? assignment = (entry.FromHost ? EnvNames.Find(host, entry.Name) : null) ?? entry.Assignment;
            if (assignment is not null)
            {
                all[entry.Name] = assignment;
            }
        }

        return [.. all.Values];
    }
}
