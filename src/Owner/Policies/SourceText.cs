namespace Pavise.Owner.Policies;

/// <summary>The offending line of a file, with a mark below the place.</summary>
internal static class SourceText
{
    private const int MostChars = 110;

    /// <summary>The excerpt as lines of their own below a message, or nothing.</summary>
    public static string Below(string text, long line, long column) => Excerpt(text, line, column) is { } excerpt ? "\n" + excerpt : "";

    /// <summary>Two lines: the text and a caret. Null where the place is not in the text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="line">Counted from 1.</param>
    /// <param name="column">Counted from 1.</param>
    public static string? Excerpt(string text, long line, long column)
    {
        string[] lines = text.Split('\n');
        if (line < 1 || line > lines.Length)
        {
            return null;
        }

        string whole = string.Concat(lines[line - 1].TrimEnd('\r').Select(c => char.IsControl(c) ? ' ' : c));
        int at = (int)Math.Clamp(column - 1, 0, whole.Length), from = Math.Max(0, at - (MostChars / 2));
        string shown = whole.Length - from > MostChars ? string.Concat(whole.AsSpan(from, MostChars), "…") : whole[from..];
        return $"  {shown}\n  {new string(' ', at - from)}^";
    }
}
