using System.Text.Json;
using Pavise.Images.Layers;

namespace Pavise.Images.Sources;

/// <summary>Finds the layers of what <c>docker save</c> and <c>skopeo copy … docker-archive:</c> write: manifest.json.</summary>
internal static class DockerManifest
{
    private const string FileName = "manifest.json";

    public static IReadOnlyList<LayerReference> Layers(IBlobs blobs, string? reference)
    {
        JsonElement image = Choose(blobs, reference);
        string[] layers = [.. ManifestJson.Array(image, "Layers", FileName).Select(l => l.GetString() ?? "")];
        string config = ManifestJson.Text(image, "Config", FileName);
        string[] diffIds = ManifestJson.DiffIds(ManifestJson.Read(blobs, config), layers.Length, config);
        return [.. layers.Zip(diffIds, (name, diffId) => new LayerReference(name, null, diffId))];
    }

    /// <summary>The image's configuration.</summary>
    public static ImageConfiguration Configuration(IBlobs blobs, string? reference)
    {
        string config = ManifestJson.Text(Choose(blobs, reference), "Config", FileName);
        return ConfigurationJson.Read(ManifestJson.Read(blobs, config), config, "");
    }

    private static JsonElement Choose(IBlobs blobs, string? reference)
    {
        JsonElement document = ManifestJson.Read(blobs, FileName);
        JsonElement[] all = document.ValueKind == JsonValueKind.Array ? [.. document.EnumerateArray()] : throw new ImageFormatException($"{FileName} is no list of images");
        JsonElement[] fitting = [.. all.Where(m => reference is null || Tags(m).Contains(reference))];
        if (fitting.Length != 1)
        {
            throw new ImageFormatException($"{FileName} has {fitting.Length} images{(reference is null ? "" : $" named {reference}")}; name one of: {string.Join(", ", all.SelectMany(Tags))}");
        }

        return fitting[0];
    }

    private static IEnumerable<string> Tags(JsonElement image) =>
        image.ValueKind == JsonValueKind.Object && image.TryGetProperty("RepoTags", out JsonElement tags) && tags.ValueKind == JsonValueKind.Array ? tags.EnumerateArray().Select(t => t.ToString()) : [];
}
