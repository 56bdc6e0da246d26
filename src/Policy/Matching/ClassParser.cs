namespace Pavise.Policy.Matching;

/// <summary>Compiles <c>[…]</c> and escapes.</summary>
internal sealed class ClassParser(string text)
{
    /// <summary>Parses behind the opening bracket up to and with the closing one.</summary>
    public CharSet? Parse(ref int at, out string error)
    {
        List<(char, char)> ranges = [];
        error = "a '[' without its ']'";
        bool negated = at < text.Length && text[at] == '^';
        at += negated ? 1 : 0;
        while (at < text.Length && text[at] != ']')
        {
            if (!Single(ref at, out char first, ranges, ref error))
            {
                return null;
            }

            if (first == '\0')
            {
                continue;
            }

            char last = first;
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                if (!Single(ref at, out last, [], ref error) || last < first)
                {
                    error = "a range whose end is before its beginning, or is no single character";
                    return null;
                }
            }

            ranges.Add((first, last));
        }

        if (at >= text.Length)
        {
            return null;
        }

        at++;
        error = ranges.Count == 0 ? "an empty class" : "";
        return ranges.Count == 0 ? null : CharSet.Of(ranges, negated);
    }

    // One character, or (first = NUL) an escape such as \d whose ranges were added.
    private bool Single(ref int at, out char first, List<(char, char)> ranges, ref string error)
    {
        first = text[at++];
        if (first == '[')
        {
            error = "a '[' within a class; write \\[";
            return false;
        }

        if (first != '\\')
        {
            return true;
        }

        if (Escape(text, ref at) is not { } escaped)
        {
            error = "an escape that is not known";
            return false;
        }

        if (escaped is [var (low, high)] && low == high)
        {
            first = low;
            return true;
        }

        ranges.AddRange(escaped);
        first = '\0';
        return true;
    }

    /// <summary>What stands behind a backslash, or null.</summary>
    public static List<(char First, char Last)>? Escape(string text, ref int at)
    {
        if (at >= text.Length)
        {
            return null;
        }

        char c = text[at++];
        return c switch
        {
            'd' => [('0', '9')],
            'D' => [('\0', '/'), (':', char.MaxValue)],
            'w' => [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            'W' => [('\0', '/'), (':', '@'), ('[', '^'), ('`', '`'), ('{', char.MaxValue)],
            's' => [('\t', '\r'), (' ', ' ')],
            'S' => [('\0', '\b'), ('\u000e', '\u001f'), ('!', char.MaxValue)],
            'n' => [('\n', '\n')],
            't' => [('\t', '\t')],
            _ when char.IsAsciiLetterOrDigit(c) || c > 127 => null,
            _ => [(c, c)],
        };
    }
}
