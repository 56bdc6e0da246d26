using Pavise.Boundary;
using Tomlyn.Syntax;

namespace Pavise.Host.Configuration;

/// <summary>One key and its value, with its place for messages.</summary>
internal sealed class Setting
{
    private readonly ValueSyntax? _value;
    private readonly string _file;
    private readonly int _line;

    public Setting(KeyValueSyntax pair, string prefix, string file, HashSet<string> seen)
    {
        _value = pair.Value;
        _file = file;
        _line = pair.Span.Start.Line + 1;
        Name = prefix + pair.Key?.ToString().Trim();
        if (!seen.Add(Name))
        {
            throw Error("stands there twice");
        }
    }

    /// <summary>The key, with its table before a dot.</summary>
    public string Name { get; }

    public string Text() => _value is StringValueSyntax { Value: { } text } && !text.Contains('\0') ? text : throw Error("is a text in quotes");

    public bool Flag() => _value is BooleanValueSyntax flag ? flag.Value : throw Error("is true or false");

    public int Number(int least, int most) => _value is IntegerValueSyntax number && number.Value >= least && number.Value <= most
        ? (int)number.Value
        : throw Error($"is a whole number from {least} to {most}");

    public string Path() => Text() is { Length: > 0 and <= BoundaryLimits.PathBytes } path && System.IO.Path.IsPathRooted(path)
        ? path
        : throw Error("is an absolute path");

    public string OptionalPath() => Text().Length == 0 ? "" : Path();

    public HostException Error(string problem) => new($"{_file}, line {_line}: {Name} {problem}");
}
