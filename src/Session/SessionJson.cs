using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pavise.Session;

/// <summary>Reading and writing of the protocol's messages: bounded, no member twice, no reflection.</summary>
public static class SessionJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one value.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> content)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, Plain))
        {
            content(json);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads one value and makes something of it.</summary>
    /// <param name="utf8">The whole message.</param>
    /// <param name="most">Bytes that a message of this kind may have.</param>
    /// <param name="what">What it should be, for the error.</param>
    /// <param name="read">Makes the result; what it throws for a missing or ill-typed member becomes a <see cref="SessionFormatException"/>.</param>
    /// <exception cref="SessionFormatException">The bytes are no such message.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, int most, string what, Func<JsonElement, T> read)
    {
        if (utf8.Length > most)
        {
            throw new SessionFormatException($"{what} has at most {most} bytes, not {utf8.Length}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new() { MaxDepth = SessionLimits.JsonDepth, AllowDuplicateProperties = false });
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new SessionFormatException($"{what} is not JSON of the protocol's form at byte {e.BytePositionInLine}");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new SessionFormatException($"{what} lacks a member, or one has another type than it should: {e.Message}");
        }
    }

    /// <summary>A member that is a text of at most so many characters.</summary>
    public static string Text(this JsonElement owner, string name, int most)
    {
        string text = owner.GetProperty(name).GetString() ?? throw new SessionFormatException($"{name} must be a text");
        return text.Length <= most ? text : throw new SessionFormatException($"{name} has at most {most} characters");
    }

    /// <summary>A member that is a text, or is absent or null.</summary>
    public static string? OptionalText(this JsonElement owner, string name, int most) =>
        owner.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? owner.Text(name, most) : null;

    /// <summary>A member that is a whole number, or is absent or null.</summary>
    public static long? OptionalNumber(this JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetInt64() : null;

    /// <summary>The exact bytes of a value as they were sent.</summary>
    public static byte[] RawBytes(this JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();
}
