using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pavise.Owner.Policies.Kubernetes;

/// <summary>Reads every document of a Kubernetes YAML (or JSON) file. Anchors and aliases are followed, as kubectl follows them; tags and merge keys are refused.</summary>
internal sealed class YamlStream
{
    /// <summary>Nesting: a Pod needs some 12 levels, a custom resource's schema about 40.</summary>
    private const int Depth = 100;

    /// <summary>Nodes: a chart's whole output stays far below.</summary>
    private const int MostNodes = 500_000;

    private readonly Dictionary<string, YamlNode> anchors = new(StringComparer.Ordinal);
    private readonly Parser parser;
    private readonly string file, text;
    private int nodes;

    private YamlStream(string file, string text)
    {
        (this.file, this.text) = (file, text);
        parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads the documents, empty ones left out.</summary>
    /// <exception cref="OwnerException">Not YAML; with line and column.</exception>
    public static List<YamlNode> Read(string file, string text)
    {
        YamlStream stream = new(file, text);
        try
        {
            return stream.Documents();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or YamlException)
        {
            Mark at = e is YamlException yaml ? yaml.Start : stream.parser.Current?.End ?? Mark.Empty;
            throw new OwnerException($"{file}:{at.Line}:{at.Column}: not YAML: {(e.InnerException ?? e).Message}{SourceText.Below(text, at.Line, at.Column)}", null, e);
        }
    }

    private List<YamlNode> Documents()
    {
        List<YamlNode> documents = [];
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            YamlNode document = Node(0);
            parser.Consume<DocumentEnd>();
            anchors.Clear();
            if (!document.IsNull)
            {
                documents.Add(document);
            }
        }

        return documents;
    }

    private YamlNode Node(int depth)
    {
        ParsingEvent current = parser.Current ?? throw Wrong(Mark.Empty, "the document ends early");
        if (depth > Depth || ++nodes > MostNodes)
        {
            throw Wrong(current.Start, $"nested deeper than {Depth}, or more than {MostNodes} values");
        }

        if (parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
        {
            return anchors.GetValueOrDefault(alias.Value.Value) ?? throw Wrong(alias.Start, $"*{alias.Value.Value} names no anchor above");
        }

        if (current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } })
        {
            throw Wrong(current.Start, "tags are not used in Kubernetes documents");
        }

        string? anchor = current is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
        YamlNode node = Content(current, depth);
        if (anchor is not null)
        {
            anchors[anchor] = node;
        }

        return node;
    }

    private YamlNode Content(ParsingEvent current, int depth)
    {
        if (parser.TryConsume<Scalar>(out Scalar? scalar))
        {
            return new YamlNode(file, scalar.Start.Line, scalar.Start.Column, YamlKind.Scalar) { Value = scalar.Value, Quoted = scalar.Style != ScalarStyle.Plain };
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            YamlNode list = new(file, current.Start.Line, current.Start.Column, YamlKind.Sequence);
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                list.Items.Add(Node(depth + 1));
            }

            return list;
        }

        parser.Consume<MappingStart>();
        YamlNode map = new(file, current.Start.Line, current.Start.Column, YamlKind.Mapping);
        HashSet<string> names = new(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out Scalar? key) || key.Value == "<<")
            {
                throw Wrong(key?.Start ?? parser.Current!.Start, "a key is plain text; merge keys are not known to Kubernetes");
            }

            if (!names.Add(key.Value))
            {
                throw Wrong(key.Start, $"'{key.Value}' stands twice");
            }

            map.Members.Add(new(key.Value, Node(depth + 1)));
        }

        return map;
    }

    private OwnerException Wrong(Mark at, string message) => new($"{file}:{at.Line}:{at.Column}: {message}{SourceText.Below(text, at.Line, at.Column)}");
}
