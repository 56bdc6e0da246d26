using System.Text.Json;
using Pavise.Images.Layers;

namespace Pavise.Images.Sources;

/// <summary>Finds the layers of an OCI layout (OCI image specification 1.0 and 1.1): index, platform, manifest, configuration.</summary>
internal static class OciManifest
{
    private const int Nesting = 4;
    private const string ReferenceName = "org.opencontainers.image.ref.name";

    public static IReadOnlyList<LayerReference> Layers(IBlobs blobs, string? reference)
    {
        (JsonElement manifest, string name, string configDigest) = Manifest(blobs, reference);
        string configName = ManifestJson.BlobName(configDigest);
        string[] digests = [.. ManifestJson.Array(manifest, "layers", name).Select(l => ManifestJson.Text(l, "digest", name))];
        string[] diffIds = ManifestJson.DiffIds(ManifestJson.Read(blobs, configName, configDigest), digests.Length, configName);
        return [.. digests.Zip(diffIds, (digest, diffId) => new LayerReference(ManifestJson.BlobName(digest), digest, diffId))];
    }

    /// <summary>The image's configuration.</summary>
    public static ImageConfiguration Configuration(IBlobs blobs, string? reference)
    {
        (_, string name, string digest) = Manifest(blobs, reference);
        string blob = ManifestJson.BlobName(digest);
        return ConfigurationJson.Read(ManifestJson.Read(blobs, blob, digest), blob, $"sha256:{name[(name.LastIndexOf('/') + 1)..]}");
    }

    private static (JsonElement Manifest, string Name, string ConfigDigest) Manifest(IBlobs blobs, string? reference)
    {
        JsonElement index = ManifestJson.Read(blobs, "index.json");
        (JsonElement manifest, string name) = Choose(blobs, index, "index.json", reference, Nesting);
        JsonElement config = manifest.TryGetProperty("config", out JsonElement c) ? c : throw new ImageFormatException($"{name} has no config");
        return (manifest, name, ManifestJson.Text(config, "digest", name));
    }

    private static (JsonElement Manifest, string Name) Choose(IBlobs blobs, JsonElement index, string name, string? reference, int depth)
    {
        JsonElement[] all = [.. ManifestJson.Array(index, "manifests", name)];
        JsonElement[] fitting = [.. all.Where(m => IsForThisPlatform(m) && (reference is null || Reference(m) == reference))];
        if (fitting.Length != 1)
        {
            string choices = string.Join(", ", all.Select(m => Reference(m) ?? ManifestJson.OptionalText(m, "digest")));
            throw new ImageFormatException(fitting.Length == 0
                ? $"{name} has no image for linux/amd64{(reference is null ? "" : $" named {reference}")} (there are: {choices})"
                : $"{name} has several images; name one (there are: {choices})");
        }

        string digest = ManifestJson.Text(fitting[0], "digest", name);
        string blob = ManifestJson.BlobName(digest);
        JsonElement document = ManifestJson.Read(blobs, blob, digest);
        return !document.TryGetProperty("manifests", out _) ? (document, blob)
            : depth > 0 ? Choose(blobs, document, blob, null, depth - 1)
            : throw new ImageFormatException($"{name}: indexes are nested deeper than {Nesting}");
    }

    private static bool IsForThisPlatform(JsonElement descriptor)
    {
        if (!descriptor.TryGetProperty("platform", out JsonElement platform))
        {
            return true;
        }

        string? os = ManifestJson.OptionalText(platform, "os"), architecture = ManifestJson.OptionalText(platform, "architecture");
        return os is "linux" or null && architecture is "amd64" or null;
    }

    private static string? Reference(JsonElement descriptor) =>
        descriptor.TryGetProperty("annotations", out JsonElement annotations) ? ManifestJson.OptionalText(annotations, ReferenceName) : null;
}
