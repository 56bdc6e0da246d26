using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Pavise.Workloads;

/// <summary>Writes an OCI image layout (OCI image specification 1.0) with one gzip layer from a root folder.</summary>
public static class OciImage
{
    /// <summary>Writes the layout.</summary>
    /// <param name="root">Root folder.</param>
    /// <param name="layout">Folder to make.</param>
    /// <param name="tag">Reference name in the index.</param>
    /// <param name="config">The image's <c>config</c> object: Entrypoint, Cmd, Env, User, WorkingDir.</param>
    public static void Write(string root, string layout, string tag, JsonObject config)
    {
        string blobs = Path.Combine(layout, "blobs", "sha256");
        Directory.CreateDirectory(blobs);
        SetWholeSeconds(root);
        string tar = Path.Combine(layout, "layer.tar");
        TarFile.CreateFromDirectory(root, tar, includeBaseDirectory: false);
        string diffId = Digest(tar), gzip = tar + ".gz";
        using (FileStream from = File.OpenRead(tar), to = File.Create(gzip))
        using (GZipStream zip = new(to, CompressionLevel.Fastest))
        {
            from.CopyTo(zip);
        }

        File.Delete(tar);
        JsonObject layer = Blob(blobs, File.ReadAllBytes(gzip), "application/vnd.oci.image.layer.v1.tar+gzip");
        File.Delete(gzip);
        JsonObject image = new()
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = config.DeepClone(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray($"sha256:{diffId}") },
        };
        JsonObject manifest = new()
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Blob(blobs, Bytes(image), "application/vnd.oci.image.config.v1+json"),
            ["layers"] = new JsonArray(layer),
        };
        JsonObject entry = Blob(blobs, Bytes(manifest), "application/vnd.oci.image.manifest.v1+json");
        entry["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = tag };
        File.WriteAllBytes(Path.Combine(layout, "index.json"), Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(entry) }));
        File.WriteAllText(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
    }

    /// <summary>Archives round the parts of a second; without them the folder and the image made from it are the same.</summary>
    private static void SetWholeSeconds(string root)
    {
        foreach (string file in Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            DateTime time = File.GetLastWriteTimeUtc(file);
            File.SetLastWriteTimeUtc(file, new DateTime(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc));
        }
    }

    private static JsonObject Blob(string blobs, byte[] bytes, string mediaType)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        File.WriteAllBytes(Path.Combine(blobs, digest), bytes);
        return new() { ["mediaType"] = mediaType, ["digest"] = $"sha256:{digest}", ["size"] = bytes.Length };
    }

    private static byte[] Bytes(JsonObject json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());

    private static string Digest(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
