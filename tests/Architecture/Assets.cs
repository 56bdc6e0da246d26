using System.Text.Json;

namespace Pavise.Architecture.Tests;

/// <summary>What a project really resolved to, direct and transitive: NuGet's project.assets.json.</summary>
internal sealed class Assets
{
    private Assets(HashSet<string> projects, HashSet<string> packages) => (Projects, Packages) = (projects, packages);

    public HashSet<string> Projects { get; }

    public HashSet<string> Packages { get; }

    public static Assets Of(string project)
    {
        string file = Path.Combine(Repository.Root, "out", "obj", Path.GetFileNameWithoutExtension(project), "project.assets.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        HashSet<string> projects = [], packages = [];
        foreach (JsonProperty target in document.RootElement.GetProperty("targets").EnumerateObject().Where(t => !t.Name.Contains('/')))
        {
            foreach (JsonProperty library in target.Value.EnumerateObject())
            {
                string name = library.Name.Split('/')[0];
                if (library.Value.GetProperty("type").GetString() == "project")
                {
                    projects.Add(name);
                }
                else if (library.Value.TryGetProperty("runtime", out JsonElement runtime) && runtime.EnumerateObject().Any(r => !r.Name.EndsWith("_._", StringComparison.Ordinal)))
                {
                    packages.Add(name);
                }
            }
        }

        return new(projects, packages);
    }
}
