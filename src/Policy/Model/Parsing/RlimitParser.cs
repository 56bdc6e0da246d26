using System.Collections.Immutable;
using Pavise.Policy.Json;
using Pavise.Policy.Model.Reading;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>rlimits</c>: a number, "unlimited", or {soft, hard}.</summary>
internal static class RlimitParser
{
    private static readonly string[] Known =
    [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ];

    public static ImmutableArray<RlimitPlan> Parse(Section s)
    {
        List<RlimitPlan> limits = [];
        foreach ((string name, JsonValue value, string path) in s.Named("rlimits"))
        {
            if (Array.IndexOf(Known, name) < 0)
            {
                s.Problems.Add(path, $"is no resource limit{Suggestion.For(name, Known)}");
            }

            ulong soft, hard;
            if (value.Kind == JsonKind.Object)
            {
                Section pair = Section.Map(s.Problems, value, path);
                (soft, hard) = (Limit(s, pair.Required("soft"), path), Limit(s, pair.Required("hard"), path));
                pair.Close();
            }
            else
            {
                soft = hard = Limit(s, value, path);
            }

            if (soft > hard)
            {
                s.Problems.Add(path, "the soft limit is above the hard one");
            }

            limits.Add(new($"RLIMIT_{name.ToUpperInvariant()}", soft, hard));
        }

        return [.. limits.OrderBy(l => l.Type, StringComparer.Ordinal)];
    }

    private static ulong Limit(Section s, JsonValue? value, string path)
    {
        if (value is null)
        {
            return 0;
        }

        if (value is { Kind: JsonKind.String, Text: "unlimited" })
        {
            return ulong.MaxValue;
        }

        return (ulong)Values.Integer(s.Problems, value, path, 0, 1L << 53);
    }
}
