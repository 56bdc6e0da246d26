using System.Text.Json;

namespace Pavise.Session.Admin;

/// <summary>Values of release rules.</summary>
internal static class RuleValues
{
    public static void Only(JsonElement owner, params ReadOnlySpan<string> known)
    {
        foreach (JsonProperty member in owner.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                throw new SessionFormatException($"{member.Name} is not known; known are {string.Join(", ", known.ToArray())}");
            }
        }
    }

    public static string Name(JsonElement owner, string name)
    {
        string text = owner.Text(name, 128);
        return text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? text : throw new SessionFormatException($"{name} must be 1 to 128 of A-Z a-z 0-9 - _ .");
    }

    public static string Hex(JsonElement owner, string name, int digits)
    {
        string text = owner.Text(name, digits);
        return IsHex(text, digits) ? text : throw new SessionFormatException($"{name} must be {digits} hexadecimal digits in lower case");
    }

    public static bool IsHex(string text, int digits) => text.Length == digits && text.All(char.IsAsciiHexDigitLower);

    public static string[] Texts(JsonElement owner, string name, int most, Func<string, bool> holds, string what)
    {
        if (!owner.TryGetProperty(name, out JsonElement list))
        {
            return [];
        }

        if (list.GetArrayLength() > most)
        {
            throw new SessionFormatException($"{name} has at most {most} elements");
        }

        string[] texts = [.. list.EnumerateArray().Select(t => t.GetString() ?? "")];
        return texts.All(holds) ? texts : throw new SessionFormatException($"each of {name} must be {what}");
    }

    public static bool Flag(JsonElement owner, string name) => owner.TryGetProperty(name, out JsonElement value) && value.GetBoolean();

    public static int? Count(JsonElement owner, string name) =>
        owner.OptionalNumber(name) is not { } number ? null
        : number is >= 1 and <= 1_000_000 ? (int)number
        : throw new SessionFormatException($"{name} must be 1 to 1000000");
}
