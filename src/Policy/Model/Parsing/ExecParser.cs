using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>exec</c>. What an entry does not say is the container's.</summary>
internal static class ExecParser
{
    public static ImmutableArray<ExecEntry> Parse(Section container, ProcessEntry inherited)
    {
        ImmutableArray<ExecEntry>.Builder entries = ImmutableArray.CreateBuilder<ExecEntry>();
        foreach (Section s in container.Children("exec"))
        {
            (uint uid, uint gid, ImmutableArray<uint> gids) = ProcessParser.User(s) ?? (inherited.Uid, inherited.Gid, inherited.AdditionalGids);
            ProcessEntry process = inherited with
            {
                Args = ProcessParser.Args(s),
                Env = EnvParser.Parse(s),
                Cwd = ProcessParser.Cwd(s) ?? inherited.Cwd,
                Uid = uid,
                Gid = gid,
                AdditionalGids = gids,
                Terminal = s.Flag("terminal", absent: false),
                Capabilities = ProcessParser.Capabilities(s) ?? inherited.Capabilities,
                Written = s.Has("capabilities") ? inherited.Written.Add("capabilities") : inherited.Written,
            };
            foreach (EnvEntry variable in process.Env.Where(e => !e.Sealed.IsEmpty))
            {
                s.Problems.Add($"{s.PathOf("env")}.{variable.Name}", "an exec has no sealed variables of its own; it gets those of its container");
            }

            s.Required("output");
            ExecOutput output = s.Word("output", "exit-code", "host", "owner") switch { "host" => ExecOutput.Host, "owner" => ExecOutput.Owner, _ => ExecOutput.ExitCode };
            entries.Add(new(entries.Count, process, output, s.Word("stdin", "none", "host") == "host"));
            s.Close();
        }

        return entries.ToImmutable();
    }
}
