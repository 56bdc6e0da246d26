using System.Text.Json;

namespace Pavise.Images.Sources;

/// <summary>Reads the <c>config</c> object of an image's configuration. Values of a wrong type are errors: a guess would end in a policy.</summary>
internal static class ConfigurationJson
{
    /// <summary>Elements of one list: engines limit an image to far fewer.</summary>
    private const int MostItems = 4096;

    public static ImageConfiguration Read(JsonElement document, string name, string digest)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            throw new ImageFormatException($"{name} is no image configuration");
        }

        if (!document.TryGetProperty("config", out JsonElement config) || config.ValueKind == JsonValueKind.Null)
        {
            return new() { Digest = digest };
        }

        if (config.ValueKind != JsonValueKind.Object)
        {
            throw new ImageFormatException($"{name}: config is no object");
        }

        return new()
        {
            Entrypoint = Texts(config, "Entrypoint", name),
            Cmd = Texts(config, "Cmd", name),
            Env = Texts(config, "Env", name),
            User = ManifestJson.OptionalText(config, "User") ?? "",
            WorkingDir = ManifestJson.OptionalText(config, "WorkingDir") ?? "",
            ExposedPorts = Keys(config, "ExposedPorts", name),
            Volumes = Keys(config, "Volumes", name),
            StopSignal = ManifestJson.OptionalText(config, "StopSignal") ?? "",
            Healthcheck = config.TryGetProperty("Healthcheck", out JsonElement health) && health.ValueKind == JsonValueKind.Object ? Texts(health, "Test", name) : [],
            Digest = digest,
        };
    }

    private static string[] Texts(JsonElement config, string field, string name)
    {
        if (!config.TryGetProperty(field, out JsonElement list) || list.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= MostItems && list.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(i => i.GetString()!)]
            : throw new ImageFormatException($"{name}: config.{field} is no list of at most {MostItems} texts");
    }

    private static string[] Keys(JsonElement config, string field, string name)
    {
        if (!config.TryGetProperty(field, out JsonElement map) || map.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return map.ValueKind == JsonValueKind.Object && map.EnumerateObject().Count() <= MostItems
            ? [.. map.EnumerateObject().Select(p => p.Name).Distinct().Order(StringComparer.Ordinal)]
            : throw new ImageFormatException($"{name}: config.{field} is no map of at most {MostItems} members");
    }
}
