using System.Globalization;

namespace Pavise.Owner.Policies.Kubernetes;

/// <summary>Kinds of nodes.</summary>
internal enum YamlKind
{
    /// <summary>A text, number, boolean or null.</summary>
    Scalar,
    /// <summary>A list.</summary>
    Sequence,
    /// <summary>A map.</summary>
    Mapping,
}

/// <summary>One node of a Kubernetes document, which knows where it stands. What is not asked for is not read, as the API server's newer fields must not break an older tool.</summary>
internal sealed class YamlNode(string file, long line, long column, YamlKind kind)
{
    public string File => file;
    public long Line => line;
    public long Column => column;
    public YamlKind Kind => kind;

    /// <summary>A scalar's text.</summary>
    public string Value { get; init; } = "";

    /// <summary>Whether the scalar stands in quotes or as a block.</summary>
    public bool Quoted { get; init; }

    public List<YamlNode> Items { get; } = [];

    public List<KeyValuePair<string, YamlNode>> Members { get; } = [];

    public string Place => $"{file}:{line}:{column}";

    public bool IsNull => kind == YamlKind.Scalar && !Quoted && Value is "" or "~" or "null" or "Null" or "NULL" && kind == YamlKind.Scalar && !Quoted;

    /// <summary>A member that is there and not null.</summary>
    public YamlNode? Find(string key)
    {
        if (kind != YamlKind.Mapping)
        {
            throw Wrong($"a map was expected here, to look for \"{key}\"");
        }

        foreach ((string name, YamlNode value) in Members)
        {
            if (name == key)
            {
                return value.IsNull ? null : value;
            }
        }

        return null;
    }

    /// <summary>A path of members, such as <c>spec.template.spec</c>.</summary>
    public YamlNode? At(string path)
    {
        YamlNode? at = this;
        foreach (string key in path.Split('.'))
        {
            at = at?.Find(key);
        }

        return at;
    }

    public YamlNode Required(string key) => Find(key) ?? throw Wrong($"\"{key}\" is missing");

    public string Text() => kind == YamlKind.Scalar ? Value : throw Wrong("a text was expected here");

    public string? Text(string key) => Find(key)?.Text();

    public string RequiredText(string key) => Required(key).Text();

    public bool? Flag(string key) => Find(key) is not { } node ? null
        : node.Kind == YamlKind.Scalar && node.Value is "true" or "True" or "TRUE" ? true
        : node.Kind == YamlKind.Scalar && node.Value is "false" or "False" or "FALSE" ? false
        : throw node.Wrong($"\"{key}\" is true or false");

    public long? Whole(string key) => Find(key) is not { } node ? null
        : node.Kind == YamlKind.Scalar && long.TryParse(node.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number
        : throw node.Wrong($"\"{key}\" is a whole number");

    /// <summary>Elements of a list member; none where it is absent.</summary>
    public IReadOnlyList<YamlNode> List(string key) => Find(key) is not { } node ? []
        : node.Kind == YamlKind.Sequence ? node.Items
        : throw node.Wrong($"\"{key}\" is a list");

    public IReadOnlyList<string> Texts(string key) => [.. List(key).Select(i => i.Text())];

    /// <summary>Members of a map member; none where it is absent.</summary>
    public IReadOnlyList<KeyValuePair<string, YamlNode>> Map(string key) => Find(key) is not { } node ? []
        : node.Kind == YamlKind.Mapping ? node.Members
        : throw node.Wrong($"\"{key}\" is a map");

    public OwnerException Wrong(string message, string? hint = null) => new($"{Place}: {message}", hint);
}
