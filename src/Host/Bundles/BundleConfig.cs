using System.Text.Json;
using Pavise.Boundary;
using Pavise.Host.HostCalls.Network;

namespace Pavise.Host.Bundles;

/// <summary>
/// A bundle's config.json as far as the host needs it. The raw bytes go to the guest, which reads them by itself and believes nothing of what
/// is read here.
/// </summary>
internal sealed class BundleConfig
{
    private readonly JsonElement root;

    private BundleConfig(string bundle, byte[] raw, JsonElement root)
    {
        Bundle = bundle;
        Raw = raw;
        this.root = root;
    }

    /// <summary>The bundle's folder.</summary>
    public string Bundle { get; }

    /// <summary>The file as it is.</summary>
    public byte[] Raw { get; }

    public string OciVersion => Text(root, "ociVersion") ?? "";

    /// <summary>The unpacked root folder.</summary>
    public string RootPath => Path.GetFullPath(Path.Combine(Bundle, Text(root.GetProperty("root"), "path")!));

    /// <summary>The host name; empty when it says none.</summary>
    public string Hostname => Text(root, "hostname") ?? "";

    public bool Terminal => Process.TryGetProperty("terminal", out JsonElement terminal) && terminal.ValueKind == JsonValueKind.True;

    public JsonElement Process => root.GetProperty("process");

    public Dictionary<string, string> Annotations => root.TryGetProperty("annotations", out JsonElement annotations) && annotations.ValueKind == JsonValueKind.Object
        ? annotations.EnumerateObject().Where(a => a.Value.ValueKind == JsonValueKind.String).GroupBy(a => a.Name).ToDictionary(g => g.Key, g => g.Last().Value.GetString()!)
        : [];

    /// <summary>The network that the engine prepared: as for runc, without a network namespace the host's own, and without its path a fresh one.</summary>
    public HostNetwork Network => new(
        Namespaces().Where(n => Text(n, "type") == "network").Select(n => Text(n, "path") ?? "").FirstOrDefault(),
        ExistingFile("/etc/resolv.conf"),
        ExistingFile("/etc/hosts"));

    /// <summary>Where a path of the container is on the host: at or below the innermost bind mount above it; null where there is none.</summary>
    public string? HostPath(string path)
    {
        string? best = null;
        int length = -1;
        foreach (JsonElement mount in root.TryGetProperty("mounts", out JsonElement mounts) && mounts.ValueKind == JsonValueKind.Array ? mounts.EnumerateArray() : default)
        {
            if (mount.ValueKind != JsonValueKind.Object || Text(mount, "destination")?.TrimEnd('/') is not { } destination || Text(mount, "source") is not { } source || !IsBind(mount)
                || destination.Length < length || !(path == destination || path.StartsWith(destination + '/', StringComparison.Ordinal)))
            {
                continue;
            }

            length = destination.Length;
            best = Path.GetFullPath(Path.Join(Path.GetFullPath(source, Bundle), path[length..]));
        }

        return best;
    }

    /// <summary>The block device of the host that the configuration gives at a path of the container (a PersistentVolumeClaim in block mode): by its numbers, whatever its name; null where there is none.</summary>
    public string? DevicePath(string path)
    {
        JsonElement devices = default;
        _ = root.TryGetProperty("linux", out JsonElement linux) && linux.ValueKind == JsonValueKind.Object && linux.TryGetProperty("devices", out devices);
        foreach (JsonElement device in devices.ValueKind == JsonValueKind.Array ? devices.EnumerateArray() : default)
        {
            if (device.ValueKind == JsonValueKind.Object && Text(device, "path") == path && Text(device, "type") == "b"
                && device.TryGetProperty("major", out JsonElement major) && major.TryGetUInt32(out uint a) && device.TryGetProperty("minor", out JsonElement minor) && minor.TryGetUInt32(out uint b))
            {
                DirectoryInfo known = new($"/sys/dev/block/{a}:{b}");
                return known.Exists ? $"/dev/{known.ResolveLinkTarget(returnFinalTarget: true)?.Name}" : null;
            }
        }

        return null;
    }

    /// <summary>Reads and checks what the runtime itself relies on.</summary>
    /// <exception cref="HostException">The file is missing, too large, malformed, or lacks a field; the message names it.</exception>
    public static BundleConfig Read(string bundle)
    {
        string folder = Path.GetFullPath(bundle), file = Path.Combine(folder, "config.json");
        byte[] raw;
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (stream.Length > BoundaryLimits.OciSpecBytes)
            {
                throw new HostException($"{file} has {stream.Length} bytes, at most {BoundaryLimits.OciSpecBytes} are accepted");
            }

            raw = new byte[stream.Length];
            stream.ReadExactly(raw);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HostException($"the bundle has no configuration: {file} does not exist", e);
        }

        try
        {
            BundleConfig config = new(folder, raw, JsonDocument.Parse(raw).RootElement);
            return config.Complaint() is { } complaint ? throw new HostException($"{file}: {complaint}") : config;
        }
        catch (JsonException e)
        {
            throw new HostException($"{file} is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A text that is not Unicode, or a path with a NUL.
            throw new HostException($"{file} has a text that cannot be one: {e.Message}", e);
        }
    }

    private IEnumerable<JsonElement> Namespaces() =>
        root.TryGetProperty("linux", out JsonElement linux) && linux.ValueKind == JsonValueKind.Object && linux.TryGetProperty("namespaces", out JsonElement namespaces) && namespaces.ValueKind == JsonValueKind.Array
            ? namespaces.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.Object)
            : [];

    private string? ExistingFile(string path) => HostPath(path) is { } file && File.Exists(file) ? file : null;

    private string? Complaint()
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return "the configuration is not an object";
        }

        if (!OciVersion.StartsWith("1.", StringComparison.Ordinal))
        {
            return $"ociVersion '{OciVersion}' is not supported (supported: 1.x)";
        }

        if (!root.TryGetProperty("root", out JsonElement rootObject) || rootObject.ValueKind != JsonValueKind.Object || string.IsNullOrEmpty(Text(rootObject, "path")))
        {
            return "root.path is missing";
        }

        if (!Directory.Exists(RootPath))
        {
            return $"root.path {RootPath} is not a directory";
        }

        if (!root.TryGetProperty("process", out JsonElement process) || process.ValueKind != JsonValueKind.Object)
        {
            return "process is missing";
        }

        if (!process.TryGetProperty("args", out JsonElement args) || args.ValueKind != JsonValueKind.Array || args.GetArrayLength() == 0)
        {
            return "process.args is missing or empty";
        }

        // Read here, so that what cannot be read is found before anything is started.
        _ = Annotations;
        return args.EnumerateArray().All(a => a.ValueKind == JsonValueKind.String) ? null : "process.args holds something that is no text";
    }

    /// <summary>As the OCI runtime specification has it (config.md, Mounts): the type, or an option.</summary>
    private static bool IsBind(JsonElement mount) => Text(mount, "type") == "bind"
        || (mount.TryGetProperty("options", out JsonElement options) && options.ValueKind == JsonValueKind.Array && options.EnumerateArray().Any(o => o.ValueKind == JsonValueKind.String && o.GetString() is "bind" or "rbind"));

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
