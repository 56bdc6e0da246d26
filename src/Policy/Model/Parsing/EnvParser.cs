using System.Collections.Immutable;
using Pavise.Policy.Json;
using Pavise.Policy.Matching;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>env</c>.</summary>
internal static class EnvParser
{
    public static ImmutableArray<EnvEntry> Parse(Section s)
    {
        List<EnvEntry> entries = [];
        foreach ((string name, JsonValue value, string path) in s.Named("env"))
        {
            if (!IsName(name))
            {
                s.Problems.Add(path, "is no variable: a name has no \"=\", no blank and at most 256 characters");
            }

            entries.Add(value.Kind == JsonKind.Object ? Hole(s, name, value, path) : new(name, Values.Text(s.Problems, value, path, PolicyLimits.TextChars), false, null, false));
        }

        return [.. entries.OrderBy(e => e.Name, StringComparer.Ordinal)];
    }

    /// <summary>Whether a variable can have this name.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 256 && !name.Contains('=') && !name.AsSpan().ContainsAnyInRange('\0', ' ');

    private static EnvEntry Hole(Section s, string name, JsonValue value, string path)
    {
        Section hole = Section.Map(s.Problems, value, path);
        hole.Required("from");
        hole.Word("from", "host");
        Pattern? matches = Values.Matches(s.Problems, hole, "matches");
        string? absent = hole.OptionalText("default");
        bool required = hole.Flag("required", absent: false);
        if (required && absent is not null)
        {
            s.Problems.Add(path, "a required variable has no default");
        }

        ImmutableArray<string> resources = SealedParser.Parse(hole);
        if (!resources.IsEmpty && (matches is not null || absent is not null))
        {
            s.Problems.Add(path, "a sealed variable has neither matches nor default: its owner signed it");
        }

        hole.Close();
        return new(name, absent, true, matches, required) { Sealed = resources };
    }
}
