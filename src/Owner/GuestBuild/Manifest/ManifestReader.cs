using System.Text.Json;

namespace Pavise.Owner.GuestBuild.Manifest;

/// <summary>Reads a manifest strictly: an unknown schema or a missing key is an error, as is a file name that leads out of the folder.</summary>
internal static class ManifestReader
{
    /// <summary>A manifest has some hundred bytes per file.</summary>
    internal const int MaxBytes = 4 * 1024 * 1024;

    /// <exception cref="FormatException">The bytes are no such manifest.</exception>
    internal static GuestManifest Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new FormatException("the manifest is too long");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new() { MaxDepth = 8, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            if (Text(root, "schema") != GuestManifest.Schema)
            {
                throw new FormatException($"the manifest's schema is not {GuestManifest.Schema}");
            }

            SortedDictionary<string, string> lines = new(StringComparer.Ordinal);
            foreach (JsonProperty line in root.GetProperty("commandLine").EnumerateObject())
            {
                lines.Add(line.Name, line.Value.GetString() ?? throw new FormatException("a command line is null"));
            }

            return new(
                Text(root, "flavour"),
                Text(root, "kernelVersion"),
                Beside(root.GetProperty("kernel")),
                Beside(root.GetProperty("initrd")),
                lines,
                [.. root.GetProperty("files").EnumerateArray().Select(f => new ManifestFile(Text(f, "path"), Text(f, "sha256"), f.GetProperty("bytes").GetInt64(), Text(f, "mode")))]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"the manifest is malformed: {e.Message}", e);
        }
    }

    private static ManifestFile Beside(JsonElement file)
    {
        string name = Text(file, "file");
        return name.Length > 0 && name is not ("." or "..") && !name.Contains('/')
            ? new(name, Text(file, "sha256"), file.GetProperty("bytes").GetInt64())
            : throw new FormatException($"`{name}` is no name of a file beside the manifest");
    }

    private static string Text(JsonElement owner, string key) => owner.GetProperty(key).GetString() ?? throw new FormatException($"`{key}` is null");
}
