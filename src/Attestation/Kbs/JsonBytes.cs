using System.Text.Json;

namespace Pavise.Attestation.Kbs;

/// <summary>Bytes as a JSON list of numbers.</summary>
internal static class JsonBytes
{
    public static byte[] Read(JsonElement list, int most)
    {
        int length = list.GetArrayLength();
        if (length > most)
        {
            throw new FormatException($"a list of more than {most} bytes");
        }

        byte[] bytes = new byte[length];
        int at = 0;
        foreach (JsonElement value in list.EnumerateArray())
        {
            bytes[at++] = value.GetByte();
        }

        return bytes;
    }

    public static byte[] ReadExactly(JsonElement owner, string key, int length) =>
        Read(owner.GetProperty(key), length) is var bytes && bytes.Length == length ? bytes : throw new FormatException($"{key} must have {length} bytes");

    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> bytes)
    {
        json.WriteStartArray();
        foreach (byte value in bytes)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
