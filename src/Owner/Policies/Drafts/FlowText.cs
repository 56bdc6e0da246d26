using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pavise.Owner.Policies.Drafts;

/// <summary>Values in YAML's flow form, the same bytes for the same value.</summary>
internal static class FlowText
{
    /// <summary>A text: plain where every YAML reader takes it as the same text, else in double quotes.</summary>
    public static string Of(string text) => IsPlain(text) ? text : Quoted(text);

    /// <summary>In double quotes, as JSON has it.</summary>
    public static string Quoted(string text)
    {
        StringBuilder result = new("\"");
        foreach (char c in text)
        {
            result.Append(c switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => "\\n",
                '\t' => "\\t",
                '\r' => "\\r",
                < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' or '\ufeff' or (>= '\ud800' and <= '\udfff') => c is >= '\ud800' and <= '\udfff' ? c.ToString() : $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        return result.Append('"').ToString();
    }

    public static string Of(DraftValue value) => value.Pattern is null ? Of(value.Text) : $"{{ matches: {Quoted(value.Pattern)} }}";

    public static string List(IEnumerable<string> flow) => $"[{string.Join(", ", flow)}]";

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsPlain(string text)
    {
        if (text.Length == 0 || !(char.IsAsciiLetter(text[0]) || text[0] is '/' or '_' or '.') || text.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=@%"))
        {
            return false;
        }

        // y, n, on, off and their like are booleans to some readers; .5 and .inf are numbers.
        return text.ToUpperInvariant() is not ("Y" or "N" or "YES" or "NO" or "ON" or "OFF" or "TRUE" or "FALSE" or "NULL") && !text.StartsWith('.')
            && YamlScalars.Resolve(new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, true, false)) is { Kind: Pavise.Policy.Json.JsonKind.String };
    }
}
