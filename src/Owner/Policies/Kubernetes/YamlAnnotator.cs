using System.Text;

namespace Pavise.Owner.Policies.Kubernetes;

/// <summary>
/// Writes an annotation and the runtime class of a pod into YAML, and leaves every other byte as it is: the text is edited by the places of its nodes,
/// not written anew. Only block style is edited; a map in flow style (braces) gets its members within the braces.
/// </summary>
internal static class YamlAnnotator
{
    public const string Annotation = "dev.pavise.policy";

    /// <summary>The edited text.</summary>
    /// <param name="text">The file.</param>
    /// <param name="workload">The workload in it.</param>
    /// <param name="value">The annotation's value.</param>
    /// <param name="runtimeClass">runtimeClassName, or null to leave it.</param>
    /// <exception cref="OwnerException">The text has a form that cannot be edited.</exception>
    public static string Write(string text, Workload workload, string value, string? runtimeClass)
    {
        // From the end to the beginning, so that earlier places stay right.
        TextLines lines = new(text);
        List<(YamlNode At, Action Edit)> edits = [];
        YamlNode template = workload.Template, spec = workload.Spec;
        if (runtimeClass is not null)
        {
            edits.Add((spec, () => Set(lines, spec, "runtimeClassName", runtimeClass)));
        }

        YamlNode? metadata = template.Find("metadata"), annotations = metadata?.Find("annotations");
        string line = $"{Annotation}: {value}";
        edits.Add(annotations is not null ? (annotations, () => Set(lines, annotations, Annotation, value))
            : metadata is not null ? (metadata, () => lines.InsertMember(metadata, "annotations", [line]))
            : (template, () => lines.InsertMember(template, "metadata", ["annotations:", $"  {line}"])));
        foreach ((_, Action edit) in edits.OrderByDescending(e => e.At.Line).ThenByDescending(e => e.At.Column))
        {
            edit();
        }

        return lines.ToString();
    }

    private static void Set(TextLines lines, YamlNode map, string key, string value)
    {
        if (map.Members.FirstOrDefault(m => m.Key == key).Value is { } old)
        {
            lines.Replace(old, value);
        }
        else
        {
            lines.InsertMember(map, key, [], value);
        }
    }
}

/// <summary>The lines of a file, edited at places of nodes.</summary>
internal sealed class TextLines(string text)
{
    private readonly List<string> lines = [.. text.Split('\n')];

    private string End => lines[0].EndsWith('\r') ? "\r" : "";

    /// <summary>Puts another plain scalar where one stands.</summary>
    public void Replace(YamlNode old, string value)
    {
        string line = lines[(int)old.Line - 1];
        int at = (int)old.Column - 1;
        if (old.Kind != YamlKind.Scalar)
        {
            throw old.Wrong("a text was expected here");
        }

        // An empty value has the place after its key.
        int length = old.Quoted ? ClosingQuote(old, line, at) - at + 1 : old.Value.Length;
        if (at + length > line.Length || (!old.Quoted && !line.AsSpan(at, length).SequenceEqual(old.Value)))
        {
            throw old.Wrong("this value spans lines and cannot be replaced; remove it and run the command again");
        }

        lines[(int)old.Line - 1] = $"{line[..at]}{(length == 0 && at > 0 && line[at - 1] != ' ' ? " " : "")}{value}{line[(at + length)..]}";
    }

    /// <summary>Puts a member first into a map.</summary>
    public void InsertMember(YamlNode map, string key, IReadOnlyList<string> below, string? value = null)
    {
        int index = (int)map.Line - 1, at = (int)map.Column - 1;
        if (map.Kind != YamlKind.Mapping)
        {
            throw map.Wrong("a map was expected here");
        }

        string line = lines[index];
        if (at < line.Length && line[at] == '{')
        {
            string inner = value is not null ? $"{key}: {value}" : $"{key}: {{ {Flow(below)} }}";
            lines[index] = $"{line[..(at + 1)]} {inner}{(map.Members.Count > 0 ? ", " : " ")}{line[(at + 1)..].TrimStart(' ')}";
            return;
        }

        // The first key of a block map stands at the map's own place; what is before it on the line may be a list's dash.
        string indent = new(' ', at);
        List<string> inserted = [$"{line[..at]}{key}:{(value is null ? "" : $" {value}")}{End}"];
        inserted.AddRange(below.Select(b => $"{indent}  {b}{End}"));
        lines[index] = indent + line[at..];
        lines.InsertRange(index, inserted);
    }

    public override string ToString() => string.Join('\n', lines);

    private static string Flow(IReadOnlyList<string> below)
    {
        if (below is ["annotations:", var line])
        {
            return $"annotations: {{ {line.Trim()} }}";
        }

        StringBuilder result = new();
        foreach (string b in below)
        {
            result.Append(result.Length > 0 ? ", " : "").Append(b);
        }

        return result.ToString();
    }

    private static int ClosingQuote(YamlNode old, string line, int at)
    {
        char quote = at < line.Length ? line[at] : '\0';
        for (int i = at + 1; quote is '"' or '\'' && i < line.Length; i++)
        {
            if (line[i] == '\\' && quote == '"')
            {
                i++;
            }
            else if (line[i] == quote)
            {
                return i;
            }
        }

        throw old.Wrong("this value spans lines and cannot be replaced; remove it and run the command again");
    }
}
