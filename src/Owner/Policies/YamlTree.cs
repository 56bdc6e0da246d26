using Pavise.Policy.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pavise.Owner.Policies;

/// <summary>
/// Reads YAML into the same tree that JSON gives: the core schema of YAML 1.2, one document. Anchors, aliases, tags and merge keys are refused:
/// what a reader sees is what is meant.
/// </summary>
internal sealed class YamlTree
{
    private const int Depth = 32;
    private readonly Parser parser;
    private readonly string file, text;
    private readonly Positions positions = new();

    private YamlTree(string file, string text)
    {
        (this.file, this.text) = (file, text);
        parser = new Parser(new StringReader(text));
    }

    /// <summary>Parses a document.</summary>
    /// <exception cref="OwnerException">Not YAML, or a form that policies do not use; with line and column.</exception>
    public static (JsonValue Tree, Positions Positions) Parse(string file, string text)
    {
        YamlTree reader = new(file, text);
        try
        {
            reader.parser.Consume<StreamStart>();
            reader.parser.Consume<DocumentStart>();
            JsonValue tree = reader.Value("", 0);
            reader.parser.Consume<DocumentEnd>();
            return reader.parser.TryConsume<StreamEnd>(out _) ? (tree, reader.positions) : throw reader.Wrong(reader.parser.Current!.Start, "a policy is one document; remove what follows '---'");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // What the parser throws beside its own exception, for a list that never ends or a tag that is no URI.
            Mark at = reader.parser.Current?.End ?? Mark.Empty;
            throw new OwnerException($"{file}:{at.Line}:{at.Column}: not YAML from here on: {e.Message}{SourceText.Below(text, at.Line, at.Column)}", null, e);
        }
        catch (YamlException e)
        {
            throw new OwnerException($"{file}:{e.Start.Line}:{e.Start.Column}: not YAML: {e.InnerException?.Message ?? e.Message}{SourceText.Below(text, e.Start.Line, e.Start.Column)}", null, e);
        }
    }

    private JsonValue Value(string path, int depth)
    {
        ParsingEvent current = parser.Current ?? throw Wrong(Mark.Empty, "the document ends early");
        positions.Add(path, current.Start.Line, current.Start.Column);
        if (depth > Depth)
        {
            throw Wrong(current.Start, $"nested deeper than {Depth}");
        }

        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
        {
            throw Wrong(current.Start, "anchors and aliases are not used in policies; write the value out");
        }

        if (current is NodeEvent { Tag.IsEmpty: false })
        {
            throw Wrong(current.Start, "tags are not used in policies");
        }

        if (parser.TryConsume<Scalar>(out Scalar? scalar))
        {
            return YamlScalars.Resolve(scalar) ?? throw Wrong(scalar.Start, $"'{scalar.Value}' reads as a number in some tools and as text in others; put it in quotes");
        }

        return parser.TryConsume<SequenceStart>(out _) ? Sequence(path, depth) : Mapping(path, depth);
    }

    private JsonValue Sequence(string path, int depth)
    {
        List<JsonValue> items = [];
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Value($"{path}[{items.Count}]", depth + 1));
        }

        return JsonValue.Array([.. items]);
    }

    private JsonValue Mapping(string path, int depth)
    {
        parser.Consume<MappingStart>();
        List<KeyValuePair<string, JsonValue>> members = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out Scalar? key))
            {
                throw Wrong(parser.Current!.Start, "a key is plain text");
            }

            if (!key.Anchor.IsEmpty || !key.Tag.IsEmpty)
            {
                throw Wrong(key.Start, "anchors and tags are not used in policies");
            }

            if (!names.Add(key.Value))
            {
                throw Wrong(key.Start, $"'{key.Value}' stands twice");
            }

            string where = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            positions.Add(where, key.Start.Line, key.Start.Column);
            members.Add(new(key.Value, Value(where, depth + 1)));
        }

        return JsonValue.Object([.. members]);
    }

    private OwnerException Wrong(Mark at, string message) => new($"{file}:{at.Line}:{at.Column}: {message}{SourceText.Below(text, at.Line, at.Column)}");
}
