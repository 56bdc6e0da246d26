using System.Security.Cryptography;
using System.Text.Json;
using Pavise.Owner.GuestBuild.Packages;

namespace Pavise.Owner.GuestBuild.Manifest;

/// <summary>
/// The bill of materials, SPDX 2.3 as JSON: one package per Debian package that gave a file, per own program and per folder that the user named; every file of the
/// initial RAM disk with its hashes, contained in its package. The creation time is fixed: it is not a fact of the image.
/// </summary>
internal static class SpdxWriter
{
    private const string Image = "SPDXRef-guest-image";
    private const string Created = "1970-01-01T00:00:00Z";

    internal static byte[] Write(GuestManifest manifest, IReadOnlyList<GuestFile> files, IReadOnlyDictionary<string, DebianPackage> packages, string ownVersion, byte[] kernel)
    {
        GuestFile[] all = [.. files.Append(new(GuestManifest.KernelName, kernel, GuestFile.DataMode, files.First(f => f.Path.EndsWith(".ko", StringComparison.Ordinal)).Origin)).OrderBy(f => f.Path, StringComparer.Ordinal)];
        string[] origins = [.. all.Select(f => f.Origin).Distinct().Order(StringComparer.Ordinal)];
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, ManifestWriter.Style))
        {
            json.WriteStartObject();
            json.WriteString("spdxVersion", "SPDX-2.3");
            json.WriteString("dataLicense", "CC0-1.0");
            json.WriteString("SPDXID", "SPDXRef-DOCUMENT");
            json.WriteString("name", $"pavise-guest-image-{manifest.Flavour}");
            json.WriteString("documentNamespace", $"https://pavise.dev/spdx/guest/{manifest.Initrd.Sha256}");
            json.WriteStartObject("creationInfo");
            json.WriteString("created", Created);
            json.WriteStartArray("creators");
            json.WriteStringValue($"Tool: pavise-{ownVersion}");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("packages");
            WritePackage(json, Image, $"pavise-guest-image-{manifest.Flavour}", ownVersion, null, Licences.Unknown);
            foreach (string origin in origins)
            {
                WriteOrigin(json, origin, packages.GetValueOrDefault(origin), ownVersion);
            }

            json.WriteEndArray();
            json.WriteStartArray("files");
            for (int i = 0; i < all.Length; i++)
            {
                WriteFile(json, i, all[i]);
            }

            json.WriteEndArray();
            json.WriteStartArray("relationships");
            WriteRelation(json, "SPDXRef-DOCUMENT", "DESCRIBES", Image);
            foreach (string origin in origins)
            {
                WriteRelation(json, Image, "CONTAINS", Id(origin));
            }

            for (int i = 0; i < all.Length; i++)
            {
                WriteRelation(json, Id(all[i].Origin), "CONTAINS", $"SPDXRef-file-{i}");
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    // SPDX identifiers: letters, digits, `.` and `-` only.
    private static string Id(string origin) => "SPDXRef-package-" + string.Concat(origin.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '-'));

    private static void WriteOrigin(Utf8JsonWriter json, string origin, DebianPackage? package, string ownVersion)
    {
        bool own = origin == GuestOrigins.Own;
        WritePackage(json, Id(origin), origin, package?.Version ?? (own ? ownVersion : null), package, own ? Licences.Own : Licences.Of(origin));
    }

    private static void WritePackage(Utf8JsonWriter json, string id, string name, string? version, DebianPackage? package, string licence)
    {
        json.WriteStartObject();
        json.WriteString("SPDXID", id);
        json.WriteString("name", name);
        if (version is not null)
        {
            json.WriteString("versionInfo", version);
        }

        json.WriteString("downloadLocation", Licences.Unknown);
        json.WriteBoolean("filesAnalyzed", false);
        json.WriteString("licenseConcluded", Licences.Unknown);
        json.WriteString("licenseDeclared", licence);
        json.WriteString("copyrightText", Licences.Unknown);
        if (package is not null)
        {
            json.WriteString("supplier", "Organization: Debian");
            json.WriteStartArray("checksums");
            WriteChecksum(json, "SHA256", package.Sha256);
            json.WriteEndArray();
            json.WriteStartArray("externalRefs");
            json.WriteStartObject();
            json.WriteString("referenceCategory", "PACKAGE-MANAGER");
            json.WriteString("referenceType", "purl");
            json.WriteString("referenceLocator", $"pkg:deb/debian/{package.Name}@{Uri.EscapeDataString(package.Version)}?arch={package.Architecture}");
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, int number, GuestFile file)
    {
        json.WriteStartObject();
        json.WriteString("SPDXID", $"SPDXRef-file-{number}");
        json.WriteString("fileName", $"./{file.Path}");
        json.WriteStartArray("checksums");
        // SPDX 2.3, section 8.4: SHA-1 is mandatory for files. It identifies, nothing trusts it.
#pragma warning disable CA5350
        WriteChecksum(json, "SHA1", Convert.ToHexStringLower(SHA1.HashData(file.Content.Span)));
#pragma warning restore CA5350
        WriteChecksum(json, "SHA256", Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)));
        json.WriteEndArray();
        json.WriteString("licenseConcluded", Licences.Unknown);
        json.WriteString("copyrightText", Licences.Unknown);
        json.WriteEndObject();
    }

    private static void WriteChecksum(Utf8JsonWriter json, string algorithm, string value)
    {
        json.WriteStartObject();
        json.WriteString("algorithm", algorithm);
        json.WriteString("checksumValue", value);
        json.WriteEndObject();
    }

    private static void WriteRelation(Utf8JsonWriter json, string from, string type, string to)
    {
        json.WriteStartObject();
        json.WriteString("spdxElementId", from);
        json.WriteString("relationshipType", type);
        json.WriteString("relatedSpdxElement", to);
        json.WriteEndObject();
    }
}
