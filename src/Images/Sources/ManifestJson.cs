using System.Text.Json;
using Pavise.Images.Layers;

namespace Pavise.Images.Sources;

/// <summary>Small JSON documents of an image, bounded and with messages that name the file.</summary>
internal static class ManifestJson
{
    /// <summary>Bytes of a manifest, index or configuration: registries refuse more than 4 MiB.</summary>
    private const int Bytes = 4 * 1024 * 1024;

    private const int MostLayers = 1000;

    public static JsonElement Read(IBlobs blobs, string name, string? digest = null)
    {
        using Stream stream = blobs.Open(name);
        byte[] buffer = new byte[Math.Min(stream.Length, Bytes + 1)];
        stream.ReadExactly(buffer);
        if (buffer.Length > Bytes)
        {
            throw new ImageFormatException($"{name} has more than {Bytes} bytes");
        }

        if (digest is not null && digest != $"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(buffer))}")
        {
            throw new ImageFormatException($"{name} does not have the digest {digest}");
        }

        try
        {
            return JsonDocument.Parse(buffer).RootElement;
        }
        catch (JsonException e)
        {
            throw new ImageFormatException($"{name} is not JSON: {e.Message}", e);
        }
    }

    public static JsonElement.ArrayEnumerator Array(JsonElement element, string field, string document) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out JsonElement array) && array.ValueKind == JsonValueKind.Array && array.GetArrayLength() <= MostLayers
            ? array.EnumerateArray()
            : throw new ImageFormatException($"{document} has no list {field} of at most {MostLayers} elements");

    public static string Text(JsonElement element, string field, string document) => OptionalText(element, field) ?? throw new ImageFormatException($"{document} has no text {field}");

    public static string? OptionalText(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Name of a blob by its digest: <c>blobs/sha256/HEX</c>.</summary>
    public static string BlobName(string digest)
    {
        const string prefix = "sha256:";
        return digest.StartsWith(prefix, StringComparison.Ordinal) && digest.Length == prefix.Length + 64 && !digest.AsSpan(prefix.Length).ContainsAnyExcept("0123456789abcdef")
            ? $"blobs/sha256/{digest[prefix.Length..]}"
            : throw new ImageFormatException($"digest {digest} is not sha256 in lower-case hex");
    }

    /// <summary>The configuration's diff_ids, one per layer.</summary>
    public static string[] DiffIds(JsonElement configuration, int layers, string document)
    {
        JsonElement rootfs = configuration.ValueKind == JsonValueKind.Object && configuration.TryGetProperty("rootfs", out JsonElement r) ? r : default;
        string[] ids = [.. Array(rootfs, "diff_ids", document).Select(d => d.ValueKind == JsonValueKind.String ? d.GetString()! : "")];
        return ids.Length == layers ? ids : throw new ImageFormatException($"{document} names {ids.Length} layers, the manifest {layers}");
    }
}
