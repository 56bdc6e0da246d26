using System.Text.Json;

namespace Pavise.Host.Machines;

/// <summary>A guest image folder (<c>pavise guest build</c>), as far as a launch needs it.</summary>
/// <param name="Flavour">production or development.</param>
/// <param name="Kernel">Path of the kernel.</param>
/// <param name="Initrd">Path of the initial RAM disk.</param>
/// <param name="CommandLine">The kernel's command line for the machine.</param>
public sealed record GuestImage(string Flavour, string Kernel, string Initrd, string CommandLine)
{
    /// <summary>The schema this program reads.</summary>
    public const string Schema = "pavise.guest/v1";

    // A manifest names some hundred files of a hundred bytes each.
    private const int ManifestBytes = 4 * 1024 * 1024;

    /// <summary>Reads the manifest of a folder and checks that kernel and RAM disk are there in full.</summary>
    /// <exception cref="HostException">The folder is no guest image, or not one for this machine.</exception>
    public static GuestImage Read(string folder, MachineKind machine)
    {
        string path = Path.Combine(folder, "manifest.json");
        if (!File.Exists(path))
        {
            throw new HostException($"there is no guest image in {folder}: make one by \"pavise guest build --out {folder}\", or name another folder as guest in the configuration");
        }

        try
        {
            if (new FileInfo(path).Length > ManifestBytes)
            {
                throw new HostException($"{path} is longer than {ManifestBytes} bytes");
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 8 });
            return Interpret(document.RootElement, folder, machine);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HostException($"{path} is not a manifest of {Schema}: build the guest image again (pavise guest build)", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static GuestImage Interpret(JsonElement manifest, string folder, MachineKind machine)
    {
        if (manifest.GetProperty("schema").GetString() != Schema)
        {
            throw new FormatException("another schema");
        }

        string name = MachineProbe.Name(machine);
        if (!manifest.GetProperty("commandLine").TryGetProperty(name, out JsonElement line) || line.GetString() is not { } commandLine)
        {
            throw new HostException($"the guest image in {folder} has no command line for machine {name}: build it again with this version of pavise");
        }

        string flavour = manifest.GetProperty("flavour").GetString() ?? throw new FormatException("no flavour");
        return new GuestImage(flavour, Part(manifest.GetProperty("kernel"), folder), Part(manifest.GetProperty("initrd"), folder), commandLine);
    }

    private static string Part(JsonElement part, string folder)
    {
        string file = part.GetProperty("file").GetString() ?? throw new FormatException("no file");
        if (file != Path.GetFileName(file))
        {
            throw new FormatException("a file outside the folder");
        }

        FileInfo info = new(Path.Combine(folder, file));
        if (!info.Exists || info.Length != part.GetProperty("bytes").GetInt64())
        {
            throw new HostException($"{info.FullName} is {(info.Exists ? "not as long as its manifest says" : "missing")}: build the guest image again (pavise guest build)");
        }

        return info.FullName;
    }
}
