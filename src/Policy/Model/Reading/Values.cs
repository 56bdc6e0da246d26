using System.Globalization;
using Pavise.Policy.Json;
using Pavise.Policy.Matching;

namespace Pavise.Policy.Model.Reading;

/// <summary>Single values of a policy. Each reports what is wrong and returns a harmless value.</summary>
internal static class Values
{
    private static readonly (string Suffix, int Shift)[] Units = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40)];

    public static string Text(Problems problems, JsonValue value, string path, int most)
    {
        if (value.Kind != JsonKind.String)
        {
            problems.Add(path, $"must be text, not {value.KindName}{(value.Kind is JsonKind.Number or JsonKind.Boolean ? "; put it in quotes" : "")}");
            return "";
        }

        if (value.Text.Length > most)
        {
            problems.Add(path, $"is longer than {most} characters");
        }
        else if (value.Text.Contains('\0'))
        {
            problems.Add(path, "holds a NUL");
        }
        else
        {
            return value.Text;
        }

        return "";
    }

    public static long Integer(Problems problems, JsonValue value, string path, long least, long most)
    {
        if (value is { Kind: JsonKind.Number, Integer: { } number } && number >= least && number <= most)
        {
            return (long)number;
        }

        problems.Add(path, $"must be a whole number from {least} to {most}");
        return least;
    }

    /// <summary>Bytes: a whole number, or one with Ki, Mi, Gi, Ti.</summary>
    public static ulong Size(Problems problems, JsonValue value, string path)
    {
        if (value is { Kind: JsonKind.Number, Integer: { } plain } && plain > 0 && plain <= PolicyLimits.SizeBytes)
        {
            return (ulong)plain;
        }

        (string suffix, int shift) = Units.FirstOrDefault(u => value.Text.EndsWith(u.Suffix, StringComparison.Ordinal));
        string digits = suffix is null ? value.Text : value.Text[..^suffix.Length];
        if (digits.Length is > 0 and < 16 && !digits.StartsWith('0') && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            && number <= PolicyLimits.SizeBytes >> shift)
        {
            return number << shift;
        }

        problems.Add(path, "must be a size such as 512Mi (units Ki, Mi, Gi, Ti; at least 1 byte, at most 1024Ti)");
        return 1;
    }

    /// <summary>Thousandths of a CPU: a number such as 2 or 0.5.</summary>
    public static int MilliCpus(Problems problems, JsonValue value, string path)
    {
        double milli = value.Number * 1000;
        if (value.Kind == JsonKind.Number && milli is >= 1 and <= PolicyLimits.MilliCpus && Math.Abs(milli - Math.Round(milli)) < 1e-6)
        {
            return (int)Math.Round(milli);
        }

        problems.Add(path, "must be a number of CPUs such as 2 or 0.5, in steps of 0.001");
        return 1;
    }

    public static string Word(Problems problems, JsonValue value, string path, string[] words)
    {
        if (value.Kind == JsonKind.String && Array.IndexOf(words, value.Text) >= 0)
        {
            return value.Text;
        }

        string shown = value.Kind == JsonKind.String ? value.Text : value.KindName;
        problems.Add(path, $"must be {string.Join(" or ", words)}, not {Shown(shown)}");
        return words[0];
    }

    public static Pattern? Matches(Problems problems, Section section, string key)
    {
        if (section.OptionalText(key) is not { } text)
        {
            return null;
        }

        if (!Pattern.TryParse(text, out Pattern? pattern, out string error))
        {
            problems.Add(section.PathOf(key), $"is not an expression: {error}");
        }

        return pattern;
    }

    /// <summary>An octal mode as text, "0400": YAML and JSON have no octal numbers that mean the same everywhere.</summary>
    public static uint Mode(Problems problems, string text, string path)
    {
        if (text.Length is >= 3 and <= 5 && !text.AsSpan().ContainsAnyExceptInRange('0', '7'))
        {
            uint mode = Convert.ToUInt32(text, 8);
            if (mode <= 0xfff)
            {
                return mode;
            }
        }

        problems.Add(path, "must be an octal mode in quotes such as \"0400\"");
        return 0;
    }

    /// <summary>A name that orchestrators can use too: lower-case letters, digits, hyphens.</summary>
    public static string Name(Problems problems, string text, string path)
    {
        bool good = text.Length is > 0 and <= PolicyLimits.NameChars && text[0] is not '-' && text[^1] is not '-'
            && !text.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-");
        if (!good)
        {
            problems.Add(path, $"{Shown(text)} is not a name: lower-case letters, digits and inner hyphens, at most {PolicyLimits.NameChars}");
        }

        return text;
    }

    /// <summary>An absolute path in its shortest form.</summary>
    public static string AbsolutePath(Problems problems, string text, string path)
    {
        if (!Paths.IsPlainAbsolute(text))
        {
            problems.Add(path, $"{Shown(text)} is not a plain absolute path (no \"..\", \".\", \"//\", and no \"/\" at the end)");
            return "/";
        }

        return text;
    }

    /// <summary>A digest <c>prefix:HEX</c> of 32 bytes; returns the hex.</summary>
    public static string Digest(Problems problems, string text, string path, string prefix = "sha256:")
    {
        if (text.StartsWith(prefix, StringComparison.Ordinal) && text.Length == prefix.Length + 64 && !text.AsSpan(prefix.Length).ContainsAnyExcept("0123456789abcdef"))
        {
            return text[prefix.Length..];
        }

        problems.Add(path, $"must be {prefix} and 64 lower-case hexadecimal digits");
        return new string('0', 64);
    }

    /// <summary>At most 60 characters of a text, quoted, without controls.</summary>
    public static string Shown(string text)
    {
        string cut = text.Length > 60 ? text[..60] + "…" : text;
        return $"\"{string.Concat(cut.Select(c => char.IsControl(c) ? '�' : c))}\"";
    }
}
