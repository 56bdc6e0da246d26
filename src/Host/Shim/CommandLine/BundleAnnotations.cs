using System.Text.Json;
using Pavise.Boundary;

namespace Pavise.Host.Shim.CommandLine;

/// <summary>The annotations of a bundle's config.json, read without the rest: the action <c>start</c> has no time to spare.</summary>
internal static class BundleAnnotations
{
    /// <summary>Reads them; a later one of the same name wins.</summary>
    /// <exception cref="HostException">The file is missing, too large, or no JSON object.</exception>
    public static Dictionary<string, string> Read(string bundle)
    {
        string file = Path.Combine(bundle, "config.json");
        try
        {
            FileInfo info = new(file);
            return info.Length <= BoundaryLimits.OciSpecBytes ? Parse(File.ReadAllBytes(file)) : throw new HostException($"{file} has {info.Length} bytes, at most {BoundaryLimits.OciSpecBytes} are accepted");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"the bundle's configuration cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HostException($"{file} is not JSON: {e.Message}", e);
        }
    }

    internal static Dictionary<string, string> Parse(ReadOnlySpan<byte> json)
    {
        Dictionary<string, string> result = [];
        Utf8JsonReader reader = new(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("not an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool annotations = reader.ValueTextEquals("annotations"u8);
            reader.Read();
            if (annotations && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadAll(ref reader, result);
            }
            else
            {
                reader.Skip();
            }
        }

        return result;
    }

    private static void ReadAll(ref Utf8JsonReader reader, Dictionary<string, string> result)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                result[name] = reader.GetString()!;
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
