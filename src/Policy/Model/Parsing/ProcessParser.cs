using System.Collections.Immutable;
using Pavise.Policy.Json;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>process</c>; the caller closes it.</summary>
internal static class ProcessParser
{
    private static readonly string[] DefaultMasked =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    private static readonly string[] DefaultReadonly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    private static readonly string[] Pins =
        ["capabilities", "noNewPrivileges", "rlimits", "umask", "oomScoreAdj", "sysctls", "maskedPaths", "readonlyPaths"];

    public static ProcessEntry Parse(Section s)
    {
        s.Required("user");
        (uint uid, uint gid, ImmutableArray<uint> gids) = User(s) ?? (0, 0, []);
        return new()
        {
            Args = Args(s),
            Env = EnvParser.Parse(s),
            Cwd = Cwd(s) ?? "/",
            Uid = uid,
            Gid = gid,
            AdditionalGids = gids,
            Terminal = s.Flag("terminal", absent: false),
            Capabilities = Capabilities(s) ?? [],
            AmbientCapabilities = s.Flag("ambientCapabilities", absent: false),
            NoNewPrivileges = s.Flag("noNewPrivileges", absent: true),
            Rlimits = RlimitParser.Parse(s),
            Umask = s.OptionalText("umask") is { } umask ? Values.Mode(s.Problems, umask, s.PathOf("umask")) : null,
            OomScoreAdj = s.Has("oomScoreAdj") ? (int)s.Integer("oomScoreAdj", -1000, 1000, 0) : null,
            Sysctls = SysctlParser.Parse(s),
            MaskedPaths = PathList(s, "maskedPaths", DefaultMasked),
            ReadonlyPaths = PathList(s, "readonlyPaths", DefaultReadonly),
            Written = [.. Pins.Where(s.Has), .. s.Child("user").Has("additionalGids") ? ["additionalGids"] : Array.Empty<string>()],
        };
    }

    public static ImmutableArray<ArgEntry> Args(Section s)
    {
        s.Required("args");
        ImmutableArray<ArgEntry> args = [.. s.List("args").Select(a => Arg(s, a.Value, a.Path))];
        if (args.IsEmpty && s.Present)
        {
            s.Problems.Add(s.PathOf("args"), "needs at least the program");
        }

        return args;
    }

    private static ArgEntry Arg(Section s, JsonValue value, string path)
    {
        if (value.Kind != JsonKind.Object)
        {
            return new(Values.Text(s.Problems, value, path, PolicyLimits.TextChars), null);
        }

        Section hole = Section.Map(s.Problems, value, path);
        hole.Required("matches");
        ArgEntry arg = new("", Values.Matches(s.Problems, hole, "matches"));
        hole.Close();
        return arg;
    }

    public static string? Cwd(Section s) => s.OptionalText("cwd") is { } cwd ? Values.AbsolutePath(s.Problems, cwd, s.PathOf("cwd")) : null;

    public static (uint Uid, uint Gid, ImmutableArray<uint> AdditionalGids)? User(Section process)
    {
        Section s = process.Child("user");
        if (!s.Present)
        {
            return null;
        }

        s.Required("uid");
        s.Required("gid");
        uint uid = (uint)s.Integer("uid", 0, uint.MaxValue - 1, 0), gid = (uint)s.Integer("gid", 0, uint.MaxValue - 1, 0);
        ImmutableArray<uint> gids = [.. s.List("additionalGids").Select(g => (uint)Values.Integer(s.Problems, g.Value, g.Path, 0, uint.MaxValue - 1)).Distinct().Order()];
        s.Close();
        return (uid, gid, gids);
    }

    public static ImmutableArray<string>? Capabilities(Section s)
    {
        if (!s.Has("capabilities"))
        {
            return null;
        }

        List<string> names = [];
        foreach ((JsonValue value, string path) in s.List("capabilities"))
        {
            string name = Values.Text(s.Problems, value, path, 64);
            if (CapabilityNames.Full(name) is { } full)
            {
                names.Add(full);
            }
            else
            {
                s.Problems.Add(path, $"{Values.Shown(name)} is no capability{Suggestion.For(name, CapabilityNames.Known)}");
            }
        }

        return [.. names.Distinct().Order(StringComparer.Ordinal)];
    }

    private static ImmutableArray<string> PathList(Section s, string key, string[] absent) =>
        s.Has(key) ? [.. s.List(key).Select(p => Values.AbsolutePath(s.Problems, Values.Text(s.Problems, p.Value, p.Path, PolicyLimits.PathChars), p.Path)).Distinct()] : [.. absent];
}
