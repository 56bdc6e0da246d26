namespace Pavise.Policy.Model.Reading;

/// <summary>The known word nearest to a mistyped one.</summary>
internal static class Suggestion
{
    /// <summary><c>; did you mean "x"?</c>, or <c>; known here: …</c>.</summary>
    public static string For(string word, IEnumerable<string> known)
    {
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = Distance(word, candidate);
            (least, nearest) = distance < least ? (distance, candidate) : (least, nearest);
        }

        if (nearest is not null && least <= Math.Max(2, word.Length / 3))
        {
            return $"; did you mean \"{nearest}\"?";
        }

        string all = string.Join(", ", known.Take(24));
        return all.Length == 0 ? "" : $"; known here: {all}";
    }

    /// <summary>Levenshtein distance without regard to case, of the first 64 characters.</summary>
    private static int Distance(string a, string b)
    {
        a = a.Length > 64 ? a[..64] : a;
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[b.Length];
    }
}
