using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pavise.Owner.GuestBuild.Manifest;

/// <summary>Writes the manifest: keys and files in a fixed order, so that equal images have equal manifests.</summary>
internal static class ManifestWriter
{
    internal static readonly JsonWriterOptions Style = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] Write(GuestManifest manifest)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, Style))
        {
            json.WriteStartObject();
            json.WriteString("schema", GuestManifest.Schema);
            json.WriteString("flavour", manifest.Flavour);
            json.WriteString("kernelVersion", manifest.KernelVersion);
            WriteFile(json, "kernel", manifest.Kernel);
            WriteFile(json, "initrd", manifest.Initrd);
            json.WriteStartObject("commandLine");
            foreach ((string machine, string line) in manifest.CommandLines.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                json.WriteString(machine, line);
            }

            json.WriteEndObject();
            json.WriteStartArray("files");
            foreach (ManifestFile file in manifest.Files.OrderBy(f => f.Path, StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("path", file.Path);
                WriteFacts(json, file);
                json.WriteString("mode", file.Mode);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static void WriteFile(Utf8JsonWriter json, string name, ManifestFile file)
    {
        json.WriteStartObject(name);
        json.WriteString("file", file.Path);
        WriteFacts(json, file);
        json.WriteEndObject();
    }

    private static void WriteFacts(Utf8JsonWriter json, ManifestFile file)
    {
        json.WriteString("sha256", file.Sha256);
        json.WriteNumber("bytes", file.Bytes);
    }
}
