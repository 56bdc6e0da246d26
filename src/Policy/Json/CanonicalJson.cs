using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pavise.Policy.Json;

/// <summary>Writes a tree in the one form of RFC 8785: no white space, names sorted by UTF-16 code units, shortest texts and numbers, UTF-8.</summary>
public static class CanonicalJson
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The canonical bytes.</summary>
    /// <exception cref="JsonFormatException">A text holds half a surrogate pair.</exception>
    public static byte[] Write(JsonValue value)
    {
        StringBuilder text = new();
        Append(text, value);
        try
        {
            return Strict.GetBytes(text.ToString());
        }
        catch (EncoderFallbackException)
        {
            throw new JsonFormatException("a text holds half a surrogate pair");
        }
    }

    private static void Append(StringBuilder text, JsonValue value)
    {
        switch (value.Kind)
        {
            case JsonKind.Null:
                text.Append("null");
                break;
            case JsonKind.Boolean:
                text.Append(value.Truth ? "true" : "false");
                break;
            case JsonKind.Number:
                text.Append(EcmaNumber.Format(value.Number));
                break;
            case JsonKind.String:
                AppendText(text, value.Text);
                break;
            case JsonKind.Array:
                AppendArray(text, value);
                break;
            default:
                AppendObject(text, value);
                break;
        }
    }

    private static void AppendArray(StringBuilder text, JsonValue value)
    {
        text.Append('[');
        for (int i = 0; i < value.Items.Length; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            Append(text, value.Items[i]);
        }

        text.Append(']');
    }

    private static void AppendObject(StringBuilder text, JsonValue value)
    {
        KeyValuePair<string, JsonValue>[] members = value.Members.ToArray();
        Array.Sort(members, (a, b) => string.CompareOrdinal(a.Key, b.Key));
        text.Append('{');
        for (int i = 0; i < members.Length; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            AppendText(text, members[i].Key);
            text.Append(':');
            Append(text, members[i].Value);
        }

        text.Append('}');
    }

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    // RFC 8785 section 3.2.2.2: two-character escapes where they exist, \u00xx in lower case for other controls, everything else as it is.
    private static void AppendText(StringBuilder text, string value)
    {
        text.Append('"');
        ReadOnlySpan<char> rest = value;
        for (int at = rest.IndexOfAny(Escaped); at >= 0; at = rest.IndexOfAny(Escaped))
        {
            text.Append(rest[..at]);
            text.Append(rest[at] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                char c => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
            });
            rest = rest[(at + 1)..];
        }

        text.Append(rest).Append('"');
    }
}
