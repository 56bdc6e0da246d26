using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.Rules;
using Pavise.Policy.State;

namespace Pavise.Policy.Engine;

/// <summary>OwnerExec: a process of the owner's choice, as the container's own first process in everything that is not chosen.</summary>
internal static class OwnerDecision
{
    public static OwnerExecPlan Plan(in Case<OwnerExec> c)
    {
        ContainerState container = c.Container(c.Request.ContainerId)!;
        ProcessEntry entry = container.Entry.Process;
        SortedDictionary<string, string> env = new(StringComparer.Ordinal);
        foreach (string assignment in container.Env.Concat(c.Request.Env))
        {
            env[EnvNames.Of(assignment).ToString()] = assignment;
        }

        bool terminal = c.Request.Terminal;
        ProcessPlan process = ProcessPlans.Of(
            entry with { Terminal = terminal, Cwd = c.Request.Cwd.Length > 0 ? c.Request.Cwd : entry.Cwd, Uid = c.Request.User?.Uid ?? entry.Uid, Gid = c.Request.User?.Gid ?? entry.Gid },
            new StdioPlan(terminal || c.Request.Stdin ? StreamTarget.Owner : StreamTarget.None, StreamTarget.Owner, terminal ? StreamTarget.None : StreamTarget.Owner, terminal),
            c.Request.Args, [.. env.Values], c.Request.Columns, c.Request.Rows);
        ImmutableArray<string> own = c.Request.Env;
        return new(c.Request.Owner, c.Request.ContainerId, process, [.. container.Entry.Secrets.Where(s => s.Variable.Length > 0 && !own.Any(e => EnvNames.Of(e).SequenceEqual(s.Variable)))]);
    }
}
