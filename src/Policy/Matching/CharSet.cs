namespace Pavise.Policy.Matching;

/// <summary>A set of UTF-16 code units: two words for ASCII, sorted ranges for the rest.</summary>
internal sealed class CharSet
{
    private readonly ulong low;
    private readonly ulong high;
    private readonly (char First, char Last)[] ranges;

    private CharSet(IEnumerable<(char First, char Last)> parts)
    {
        ranges = [.. parts];
        foreach ((char first, char last) in ranges)
        {
            for (int c = first; c <= last && c < 128; c++)
            {
                _ = c < 64 ? low |= 1UL << c : high |= 1UL << (c - 64);
            }
        }
    }

    /// <summary>The set's ranges.</summary>
    public ReadOnlySpan<(char First, char Last)> Ranges => ranges;

    public static CharSet Of(char c) => new([(c, c)]);

    /// <summary>The union of the ranges, or everything but it.</summary>
    public static CharSet Of(List<(char First, char Last)> parts, bool negated)
    {
        if (!negated)
        {
            return new(parts);
        }

        List<(char, char)> rest = [];
        int next = 0;
        foreach ((char first, char last) in parts.OrderBy(p => p.First))
        {
            if (first > next)
            {
                rest.Add(((char)next, (char)(first - 1)));
            }

            next = Math.Max(next, last + 1);
        }

        if (next <= char.MaxValue)
        {
            rest.Add(((char)next, char.MaxValue));
        }

        return new(rest);
    }

    public bool Contains(char c)
    {
        if (c < 128)
        {
            return (((c < 64 ? low : high) >> (c & 63)) & 1) != 0;
        }

        foreach ((char first, char last) in ranges)
        {
            if (c >= first && c <= last)
            {
                return true;
            }
        }

        return false;
    }
}
