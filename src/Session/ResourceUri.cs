using System.Diagnostics.CodeAnalysis;
using Pavise.Policy;

namespace Pavise.Session;

/// <summary>A resource of a key broker: <c>kbs:///repository/type/tag</c>. Each part is 1 to 128 of <c>A-Z a-z 0-9 - _ .</c> and does not begin with a dot.</summary>
public sealed record ResourceUri
{
    private const string Scheme = "kbs:///";

    private ResourceUri(string repository, string type, string tag) => (Repository, Type, Tag) = (repository, type, tag);

    /// <summary>First part.</summary>
    public string Repository { get; }

    /// <summary>Second part.</summary>
    public string Type { get; }

    /// <summary>Third part.</summary>
    public string Tag { get; }

    /// <summary><c>repository/type/tag</c>, as it stands in a URL's path.</summary>
    public string Path => $"{Repository}/{Type}/{Tag}";

    /// <summary>Makes one of its parts.</summary>
    /// <exception cref="SessionFormatException">A part is not of the permitted form.</exception>
    public static ResourceUri Create(string repository, string type, string tag) =>
        ResourceNames.IsPart(repository) && ResourceNames.IsPart(type) && ResourceNames.IsPart(tag)
            ? new(repository, type, tag)
            : throw new SessionFormatException("a resource is kbs:///repository/type/tag, each part 1 to 128 of A-Z a-z 0-9 - _ . and not beginning with a dot");

    /// <summary>Reads <c>kbs:///a/b/c</c> or <c>a/b/c</c>.</summary>
    /// <exception cref="SessionFormatException">The text is neither.</exception>
    public static ResourceUri Parse(string text)
    {
        string[] parts = (text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text).Split('/');
        return parts.Length == 3 ? Create(parts[0], parts[1], parts[2]) : throw new SessionFormatException("a resource is kbs:///repository/type/tag");
    }

    /// <summary>Reads <c>kbs:///a/b/c</c> or <c>a/b/c</c>; false for anything else.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ResourceUri? uri)
    {
        string[] parts = (text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text).Split('/');
        uri = parts.Length == 3 && parts.All(p => ResourceNames.IsPart(p)) ? new(parts[0], parts[1], parts[2]) : null;
        return uri is not null;
    }

    /// <summary><c>kbs:///repository/type/tag</c>.</summary>
    public override string ToString() => Scheme + Path;
}
