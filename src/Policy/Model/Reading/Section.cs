using System.Collections.Immutable;
using Pavise.Policy.Json;

namespace Pavise.Policy.Model.Reading;

/// <summary>
/// Strict reading of one map: what is asked for is known, everything else is an error when the section is closed. A wrong value is
/// reported and replaced by a harmless one, so that reading goes on to the next problem.
/// </summary>
internal sealed class Section(Problems problems, JsonValue? value, string path)
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public Problems Problems => problems;

    public string Path => path;

    /// <summary>Whether the map is there at all.</summary>
    public bool Present => value is not null;

    /// <summary>A map, or a reported error.</summary>
    public static Section Map(Problems problems, JsonValue? value, string path)
    {
        if (value is { Kind: not JsonKind.Object })
        {
            problems.Add(path, $"must be a map, not {value.KindName}");
            value = null;
        }

        return new(problems, value, path);
    }

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public JsonValue? Raw(string key)
    {
        known.Add(key);
        return value?.Find(key);
    }

    public bool Has(string key) => Raw(key) is not null;

    public JsonValue? Required(string key)
    {
        JsonValue? found = Raw(key);
        if (found is null && value is not null)
        {
            problems.Add(path, $"\"{key}\" is missing");
        }

        return found;
    }

    public Section Child(string key) => Map(problems, Raw(key), PathOf(key));

    /// <summary>Sections of a list of maps.</summary>
    public IEnumerable<Section> Children(string key, int most = PolicyLimits.ListItems) =>
        List(key, most).Select(i => Map(problems, i.Value, i.Path)).Where(s => s.Present);

    /// <summary>Elements of a list with their paths.</summary>
    public List<(JsonValue Value, string Path)> List(string key, int most = PolicyLimits.ListItems)
    {
        List<(JsonValue, string)> items = [];
        switch (Raw(key))
        {
            case null:
                break;
            case { Kind: JsonKind.Array } list when list.Items.Length <= most:
                for (int i = 0; i < list.Items.Length; i++)
                {
                    items.Add((list.Items[i], $"{PathOf(key)}[{i}]"));
                }

                break;
            case { Kind: JsonKind.Array }:
                problems.Add(PathOf(key), $"has more than {most} elements");
                break;
            case { } other:
                problems.Add(PathOf(key), $"must be a list, not {other.KindName}");
                break;
        }

        return items;
    }

    /// <summary>Members of a map with free names.</summary>
    public List<(string Name, JsonValue Value, string Path)> Named(string key)
    {
        List<(string, JsonValue, string)> items = [];
        JsonValue? map = Raw(key);
        if (map is { Kind: not JsonKind.Object } || map?.Members.Length > PolicyLimits.ListItems)
        {
            problems.Add(PathOf(key), map.Kind == JsonKind.Object ? $"has more than {PolicyLimits.ListItems} members" : $"must be a map, not {map.KindName}");
            return items;
        }

        foreach (KeyValuePair<string, JsonValue> member in map is null ? default : map.Members)
        {
            items.Add((member.Key, member.Value, $"{PathOf(key)}.{member.Key}"));
        }

        return items;
    }

    public string? OptionalText(string key, int most = PolicyLimits.TextChars) => Raw(key) is { } v ? Values.Text(problems, v, PathOf(key), most) : null;

    public string Text(string key, int most = PolicyLimits.TextChars) => Required(key) is { } v ? Values.Text(problems, v, PathOf(key), most) : "";

    public bool Flag(string key, bool absent)
    {
        JsonValue? v = Raw(key);
        if (v is { Kind: not JsonKind.Boolean })
        {
            problems.Add(PathOf(key), $"must be true or false, not {v.KindName}");
        }

        return v is { Kind: JsonKind.Boolean } ? v.Truth : absent;
    }

    public long Integer(string key, long least, long most, long absent) => Raw(key) is { } v ? Values.Integer(problems, v, PathOf(key), least, most) : absent;

    public ulong? Size(string key) => Raw(key) is { } v ? Values.Size(problems, v, PathOf(key)) : null;

    /// <summary>One word of a list, or null when absent.</summary>
    public string? Word(string key, params string[] words) => Raw(key) is { } v ? Values.Word(problems, v, PathOf(key), words) : null;

    public ImmutableArray<string> Texts(string key) => [.. List(key).Select(i => Values.Text(problems, i.Value, i.Path, PolicyLimits.TextChars))];

    /// <summary>Reports every member that nobody asked for.</summary>
    public void Close()
    {
        foreach (KeyValuePair<string, JsonValue> member in value is null ? default : value.Members)
        {
            if (!known.Contains(member.Key))
            {
                problems.Add(PathOf(member.Key), $"is not known{Suggestion.For(member.Key, known)}");
            }
        }
    }
}
