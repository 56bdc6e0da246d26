using System.Globalization;
using Pavise.Policy.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pavise.Owner.Policies;

/// <summary>Plain scalars by the core schema of YAML 1.2 (chapter 10.3); quoted ones are text.</summary>
internal static class YamlScalars
{
    /// <summary>The value; null for plain texts that other YAML versions read differently: 0400, 1_000, 0x1f, 12:30.</summary>
    public static JsonValue? Resolve(Scalar scalar)
    {
        string text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonValue.Of(text);
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return JsonValue.Null;
            case "true" or "True" or "TRUE":
                return JsonValue.True;
            case "false" or "False" or "FALSE":
                return JsonValue.False;
        }

        ReadOnlySpan<char> digits = text.AsSpan().TrimStart("+-");
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]))
        {
            return JsonValue.Of(text);
        }

        if (!digits.ContainsAnyExceptInRange('0', '9'))
        {
            return digits.Length > 1 && digits[0] == '0' ? null
                : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? JsonValue.Of((Int128)whole)
                : null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
        {
            return JsonValue.Of(number);
        }

        bool ambiguous = !digits.ContainsAnyExcept("0123456789_") || !digits.ContainsAnyExcept("0123456789:") || digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || digits.StartsWith("0o", StringComparison.OrdinalIgnoreCase);
        return ambiguous ? null : JsonValue.Of(text);
    }
}
