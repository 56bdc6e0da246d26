using Pavise.Policy.Json;
using Pavise.Policy.Matching;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>sandbox</c>.</summary>
internal static class SandboxParser
{
    /// <summary>The host name where the policy says nothing.</summary>
    public const string SilentHostname = "pavise";

    public static SandboxSettings Parse(Section root)
    {
        Section s = root.Child("sandbox");
        (string name, bool hole, Pattern? matches) = Hostname(s);
        SandboxSettings settings = new(
            name,
            hole,
            matches,
            s.Has("hostname"),
            s.Size("memory"),
            s.Raw("cpus") is { } cpus ? Values.MilliCpus(s.Problems, cpus, s.PathOf("cpus")) : null);
        s.Close();
        return settings;
    }

    private static (string Name, bool Hole, Pattern? Matches) Hostname(Section s)
    {
        JsonValue? value = s.Raw("hostname");
        if (value is null)
        {
            return (SilentHostname, false, null);
        }

        if (value.Kind == JsonKind.Object)
        {
            Section hole = Section.Map(s.Problems, value, s.PathOf("hostname"));
            hole.Required("from");
            hole.Word("from", "host");
            Pattern? matches = Values.Matches(s.Problems, hole, "matches");
            hole.Close();
            return (SilentHostname, true, matches);
        }

        string name = Values.Text(s.Problems, value, s.PathOf("hostname"), PolicyLimits.HostnameChars);
        if (!Hostnames.IsValid(name))
        {
            s.Problems.Add(s.PathOf("hostname"), "must be any, a host name, or {from: host, matches: …}");
        }

        return name == "any" ? (SilentHostname, true, null) : (name, false, null);
    }
}
