using System.Text.Json;
using System.Text.Json.Nodes;
using Pavise.Boundary;
using Pavise.Host.Bundles;
using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Processes;

/// <summary>The OCI process object of an exec: from a file, or the container's own with what the command line changes.</summary>
internal static class ExecProcessObject
{
    public static async Task<byte[]> ReadAsync(string file)
    {
        if (!File.Exists(file))
        {
            throw new HostException($"the process file {file} does not exist");
        }

        byte[] bytes = await File.ReadAllBytesAsync(file);
        return bytes.Length <= BoundaryLimits.OciSpecBytes ? bytes : throw new HostException($"{file} has {bytes.Length} bytes, at most {BoundaryLimits.OciSpecBytes} are accepted");
    }

    /// <summary>Whether the process asks for a terminal. A malformed one does not: the guest refuses it with the field.</summary>
    public static bool WantsTerminal(byte[] process)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(process);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("terminal", out JsonElement terminal) && terminal.ValueKind == JsonValueKind.True;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static byte[] Make(BundleConfig config, ParsedArguments arguments)
    {
        string[] args = [.. arguments.Positional.Skip(1)];
        if (args.Length == 0)
        {
            throw new UsageException("exec needs a command, or a process file by --process");
        }

        JsonObject process = JsonNode.Parse(config.Process.GetRawText())!.AsObject();
        process["args"] = Array(args);
        process["terminal"] = arguments.Has("tty");
        process.Remove("consoleSize");
        if (arguments.Value("cwd") is { } cwd)
        {
            process["cwd"] = cwd;
        }

        if (arguments.Values("env") is { Count: > 0 } env)
        {
            process["env"] = Array([.. (process["env"] as JsonArray ?? []).Select(e => (string)e!), .. env]);
        }

        if (arguments.Value("user") is { } user)
        {
            process["user"] = User(user, arguments.Values("additional-gids"));
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            process.WriteTo(writer);
        }

        return stream.ToArray();
    }

    private static JsonObject User(string user, IReadOnlyList<string> groups)
    {
        string[] parts = user.Split(':');
        if (parts.Length > 2 || !parts.All(p => uint.TryParse(p, out _)) || !groups.All(g => uint.TryParse(g, out _)))
        {
            throw new UsageException($"--user is UID or UID:GID in numbers, not {user}");
        }

        JsonObject result = new() { ["uid"] = uint.Parse(parts[0]), ["gid"] = parts.Length == 2 ? uint.Parse(parts[1]) : 0u };
        if (groups.Count > 0)
        {
            JsonArray additional = [];
            foreach (string group in groups)
            {
                additional.Add((JsonNode)uint.Parse(group));
            }

            result["additionalGids"] = additional;
        }

        return result;
    }

    private static JsonArray Array(IEnumerable<string> items)
    {
        JsonArray array = [];
        foreach (string item in items)
        {
            array.Add((JsonNode)item);
        }

        return array;
    }
}
