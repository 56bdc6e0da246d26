using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Rules;

/// <summary>The effective process of an entry: every value the policy's, or a hole's that was admitted.</summary>
internal static class ProcessPlans
{
    public static ProcessPlan Of(ProcessEntry entry, StdioPlan stdio, ImmutableArray<string> args, ImmutableArray<string> env, uint columns, uint rows) => new()
    {
        Args = args,
        Env = env,
        Cwd = entry.Cwd,
        Uid = entry.Uid,
        Gid = entry.Gid,
        AdditionalGids = entry.AdditionalGids,
        Umask = entry.Umask,
        Capabilities = entry.Capabilities,
        AmbientCapabilities = entry.AmbientCapabilities,
        NoNewPrivileges = entry.NoNewPrivileges,
        Rlimits = entry.Rlimits,
        OomScoreAdj = entry.OomScoreAdj,
        Stdio = stdio,
        Columns = TerminalCells(entry, columns),
        Rows = TerminalCells(entry, rows),
    };

    /// <summary>The terminal's size is the host's choice where there is a terminal, as far as struct winsize holds it.</summary>
    public static uint TerminalCells(ProcessEntry entry, uint asked) => entry.Terminal ? Math.Min(asked, ushort.MaxValue) : 0;
}
