using Pavise.Policy.Model.Reading;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>host</c>.</summary>
internal static class HostParser
{
    public static HostEntry Parse(Section root)
    {
        Section s = root.Child("host");
        HostEntry entry = new(
            s.Word("stats", "none", "coarse", "exact") switch { "exact" => StatsDisclosure.Exact, "coarse" => StatsDisclosure.Coarse, _ => StatsDisclosure.None },
            s.Word("processes", "none", "count", "names") switch { "names" => ProcessDisclosure.Names, "count" => ProcessDisclosure.Count, _ => ProcessDisclosure.None },
            s.Word("pause", "refuse", "allow") == "allow",
            Resize(s),
            s.Word("errors", "redacted", "detailed") == "detailed");
        s.Close();
        return entry;
    }

    private static ResourceMaximums? Resize(Section host)
    {
        Section s = host.Child("resize");
        if (!s.Present)
        {
            return null;
        }

        ResourceMaximums maximums = new()
        {
            MemoryBytes = s.Size("maxMemory"),
            MilliCpus = s.Raw("maxCpus") is { } cpus ? Values.MilliCpus(s.Problems, cpus, s.PathOf("maxCpus")) : null,
            Pids = s.Has("maxPids") ? s.Integer("maxPids", 1, PolicyLimits.Pids, 1) : null,
        };
        s.Close();
        return maximums;
    }
}
