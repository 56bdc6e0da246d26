namespace Pavise.Policy;

/// <summary>Parts of the names of a key broker's resources, <c>kbs:///repository/type/tag</c>.</summary>
public static class ResourceNames
{
    /// <summary>Longest part.</summary>
    public const int PartChars = 128;

    /// <summary>Whether a text is one part: 1 to 128 of <c>A-Z a-z 0-9 - _ .</c>, not beginning with a dot.</summary>
    public static bool IsPart(ReadOnlySpan<char> part)
    {
        if (part.Length is 0 or > PartChars || part[0] == '.')
        {
            return false;
        }

        foreach (char c in part)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
