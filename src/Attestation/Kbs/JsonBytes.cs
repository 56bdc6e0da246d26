using System.Runtime.InteropServices;
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

        // From the text: certificates are thousands of such numbers, and an element each takes ten times as long.
        byte[] bytes = new byte[length];
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(list);
        int at = 0, value = -1;
        foreach (byte c in text[1..])
        {
            switch (c)
            {
                case >= (byte)'0' and <= (byte)'9' when value < 256:
                    value = (Math.Max(value, 0) * 10) + (c - '0');
                    break;
                case (byte)',' or (byte)']' when value is >= 0 and < 256:
                    bytes[at++] = (byte)value;
                    value = -1;
                    break;
                case (byte)']' when length == 0:
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    break;
                default:
                    throw new FormatException("a list of bytes holds something else than numbers from 0 to 255");
            }
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
