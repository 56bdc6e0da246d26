using Pavise.Policy;
using Pavise.Policy.Json;
using Pavise.Policy.Model;

namespace Pavise.Owner.Policies;

/// <summary>A policy file of the owner: YAML, or JSON in any form.</summary>
internal static class PolicySourceFile
{
    /// <summary>YAML may be a few times longer than its canonical form.</summary>
    private const int MostBytes = 4 * PolicyLimits.PolicyBytes;

    /// <summary>Reads, checks, and compiles; <c>-</c> is standard input.</summary>
    /// <exception cref="OwnerException">What is wrong, each problem with its line and column.</exception>
    public static PolicyDocument Read(string path)
    {
        return Parse(path, ReadText(path));
    }

    /// <summary>The same from a text.</summary>
    /// <param name="path">How messages name it.</param>
    /// <param name="text">YAML or JSON.</param>
    public static PolicyDocument Parse(string path, string text)
    {
        (JsonValue tree, Positions positions) = text.AsSpan().TrimStart() is ['{', ..] ? (ParseJson(path, text), Positions.None) : YamlTree.Parse(path, text);
        try
        {
            return PolicyDocument.FromTree(tree);
        }
        catch (PolicyFormatException e)
        {
            IEnumerable<string> lines = e.Problems.Select(p => positions.Find(p.Path) is { } at ? $"{path}:{at.Line}:{at.Column}: {p}{SourceText.Below(text, at.Line, at.Column)}" : $"{path}: {p}");
            throw new OwnerException(string.Join("\nerror: ", lines), "the language is described in docs/policy.md", e);
        }
    }

    private static string ReadText(string path)
    {
        if (path == "-")
        {
            return Console.In.ReadToEnd();
        }

        FileInfo file = new(path);
        return !file.Exists ? throw new OwnerException($"{path} does not exist")
            : file.Length > MostBytes ? throw new OwnerException($"{path} has {file.Length} bytes, a policy has at most {MostBytes}")
            : File.ReadAllText(path);
    }

    private static JsonValue ParseJson(string path, string text)
    {
        try
        {
            return JsonTree.Parse(System.Text.Encoding.UTF8.GetBytes(text), MostBytes);
        }
        catch (JsonFormatException e)
        {
            throw new OwnerException($"{path}: {e.Message}", null, e);
        }
    }
}
