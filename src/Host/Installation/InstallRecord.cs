using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pavise.Host.Installation;

/// <summary>A file that was installed.</summary>
/// <param name="Path">Absolute path on the node.</param>
/// <param name="Sha256">Its content, in hexadecimal: a file that somebody changed since is not removed.</param>
internal sealed record InstalledFile(string Path, string Sha256);

/// <summary>What an installation did to a node, so that its end undoes exactly that. Written before the first change.</summary>
/// <param name="Schema"><see cref="CurrentSchema"/>.</param>
/// <param name="Files">Files, in the order they were installed.</param>
/// <param name="Folders">Folders that did not exist before, parents first.</param>
/// <param name="Configuration">containerd's configuration, or the template it is made from; null where none was touched.</param>
/// <param name="ConfigurationCreated">Whether there was none before.</param>
/// <param name="UserCreated">Whether the user of the VMM was made.</param>
internal sealed record InstallRecord(string Schema, IReadOnlyList<InstalledFile> Files, IReadOnlyList<string> Folders, string? Configuration, bool ConfigurationCreated, bool UserCreated)
{
    /// <summary>The format's name.</summary>
    public const string CurrentSchema = "pavise.install/v1";

    /// <summary>Where it is on the node.</summary>
    public const string DefaultPath = "/var/lib/pavise/install.json";

    // Some twenty files and as many folders.
    private const int Bytes = 256 * 1024;

    /// <summary>Nothing installed.</summary>
    public static InstallRecord Empty { get; } = new(CurrentSchema, [], [], null, false, false);

    /// <summary>Reads the record; null when there is none.</summary>
    /// <exception cref="HostException">It is not such a record.</exception>
    public static InstallRecord? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            if (new FileInfo(path).Length <= Bytes
                && JsonSerializer.Deserialize(File.ReadAllBytes(path), InstallationJson.Default.InstallRecord) is { Schema: CurrentSchema, Files: not null, Folders: not null } record
                && record.Files.All(f => f?.Path is not null && f.Sha256 is not null) && record.Folders.All(f => f is not null))
            {
                return record;
            }
        }
        catch (JsonException)
        {
            // Named below.
        }

        throw new HostException($"{path} is no record of an installation ({CurrentSchema}); remove it, and install again");
    }

    /// <summary>Writes it.</summary>
    public void Write(string path) => NodeFiles.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, InstallationJson.Default.InstallRecord), NodeFiles.Data);
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(InstallRecord))]
internal sealed partial class InstallationJson : JsonSerializerContext;
