using System.Text.Json.Nodes;

namespace Pavise.Owner.Tests.Policies.Generation;

/// <summary>One of the manifests, with what its comments say of images and of the outcome.</summary>
internal sealed record ManifestFile(string Path, IReadOnlyList<(string Reference, JsonObject Config)> Images, IReadOnlyList<string> Refusals, IReadOnlyList<string> Warnings, string[] Options)
{
    private static readonly string Folder = System.IO.Path.Combine(AppContext.BaseDirectory, "Policies", "Manifests");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.yaml").Select(f => System.IO.Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal);

    public bool IsAccepted => Refusals.Count == 0;

    public static ManifestFile Read(string name)
    {
        string path = System.IO.Path.Combine(Folder, name + ".yaml");
        string[] comments = [.. File.ReadLines(path).TakeWhile(l => l.StartsWith('#')).Select(l => l[1..].Trim())];
        IEnumerable<string> Of(string word) => comments.Where(c => c.StartsWith(word + " ", StringComparison.Ordinal)).Select(c => c[(word.Length + 1)..]);
        if (!Of("expect").Any())
        {
            throw new InvalidOperationException($"{name} does not say what is expected");
        }

        return new(
            path,
            [.. Of("image").Select(i => (i[..i.IndexOf(' ')], JsonNode.Parse(i[(i.IndexOf(' ') + 1)..])!.AsObject()))],
            [.. Of("expect").Where(e => e.StartsWith("refused ", StringComparison.Ordinal)).Select(e => e["refused ".Length..])],
            [.. Of("warns")],
            [.. Of("options").SelectMany(o => o.Split(' '))]);
    }

    /// <summary>Arguments of <c>pavise policy generate</c>, its images made.</summary>
    public string[] Generate(TestImages images, string? output = null) =>
        ["policy", "generate", Path, "--tee", "snp", .. Images.SelectMany(i => new[] { "--image", $"{i.Reference}={images.Make(i.Reference, i.Config)}" }), .. Options, .. output is null ? Array.Empty<string>() : ["-o", output]];
}
