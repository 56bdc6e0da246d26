using System.Text.Json;

namespace Pavise.Policy.Json;

/// <summary>Reads untrusted bytes into a <see cref="JsonValue"/> once. Bounded in bytes, depth and number of values.</summary>
public static class JsonTree
{
    /// <summary>Parses one whole document; the end of the bytes is the end of the document.</summary>
    /// <exception cref="JsonFormatException">Says what is malformed.</exception>
    public static JsonValue Parse(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (utf8.Length > maxBytes)
        {
            throw new JsonFormatException($"{utf8.Length} bytes, more than the {maxBytes} that are read");
        }

        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = PolicyLimits.JsonDepth, CommentHandling = JsonCommentHandling.Disallow });
        int budget = PolicyLimits.JsonValues;
        try
        {
            reader.Read();
            JsonValue value = ReadValue(ref reader, ref budget, []);
            if (reader.Read())
            {
                throw new JsonFormatException("more than one JSON value");
            }

            return value;
        }
        catch (JsonException e)
        {
            throw new JsonFormatException($"not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            throw new JsonFormatException("a text is not valid UTF-8, or holds half a surrogate pair");
        }
    }

    private static JsonValue ReadValue(ref Utf8JsonReader reader, ref int budget, Stack<List<JsonValue>> pool)
    {
        if (--budget < 0)
        {
            throw new JsonFormatException($"more than {PolicyLimits.JsonValues} values");
        }

        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, ref budget, pool),
            JsonTokenType.StartArray => ReadArray(ref reader, ref budget, pool),
            JsonTokenType.String => JsonValue.Of(Text(ref reader)),
            JsonTokenType.Number => ReadNumber(ref reader),
            JsonTokenType.True => JsonValue.True,
            JsonTokenType.False => JsonValue.False,
            _ => JsonValue.Null,
        };
    }

    private static JsonValue ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out long signed))
        {
            return JsonValue.Of((Int128)signed);
        }

        if (reader.TryGetUInt64(out ulong unsigned))
        {
            return JsonValue.Of((Int128)unsigned);
        }

        return reader.TryGetDouble(out double number) && double.IsFinite(number) ? JsonValue.Of(number) : throw new JsonFormatException("a number out of range");
    }

    private static JsonValue ReadArray(ref Utf8JsonReader reader, ref int budget, Stack<List<JsonValue>> pool)
    {
        List<JsonValue> items = pool.Count > 0 ? pool.Pop() : [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader, ref budget, pool));
        }

        JsonValue value = JsonValue.Array([.. items]);
        items.Clear();
        pool.Push(items);
        return value;
    }

    private static JsonValue ReadObject(ref Utf8JsonReader reader, ref int budget, Stack<List<JsonValue>> pool)
    {
        KeyValuePair<string, JsonValue>[] members = new KeyValuePair<string, JsonValue>[4];
        int count = 0;
        HashSet<string>? seen = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = JsonNames.Get(ref reader) ?? Text(ref reader);
            Unique(name, members.AsSpan(0, count), ref seen);
            reader.Read();
            JsonValue value = ReadValue(ref reader, ref budget, pool);
            if (count == members.Length)
            {
                Array.Resize(ref members, count * 2);
            }

            members[count++] = new(name, value);
        }

        Array.Resize(ref members, count);
        return JsonValue.Object(members);
    }

    // Short objects by comparing, long ones by a set: an object of a hundred thousand names must not cost their square.
    private static void Unique(string name, ReadOnlySpan<KeyValuePair<string, JsonValue>> before, ref HashSet<string>? seen)
    {
        bool twice = false;
        if (seen is null && before.Length < 16)
        {
            foreach (ref readonly KeyValuePair<string, JsonValue> member in before)
            {
                twice |= member.Key == name;
            }
        }
        else
        {
            if (seen is null)
            {
                seen = new(StringComparer.Ordinal);
                foreach (ref readonly KeyValuePair<string, JsonValue> member in before)
                {
                    seen.Add(member.Key);
                }
            }

            twice = !seen.Add(name);
        }

        if (twice)
        {
            throw new JsonFormatException($"the name \"{name}\" stands twice in one object");
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        string text = reader.GetString()!;
        return text.Contains('\0') ? throw new JsonFormatException("a text holds a NUL") : text;
    }
}
