using Pavise.Policy.Matching;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Outcome of a search for a value.</summary>
internal enum Found
{
    /// <summary>There is none.</summary>
    None,
    /// <summary>There is one.</summary>
    Value,
    /// <summary>The search was given up: the expressions are too large together.</summary>
    Unknown,
}

/// <summary>Compares languages, and finds a value that one admits and others do not: the automata of the expressions are run side by side.</summary>
internal static class Languages
{
    /// <summary>Combined states: expressions of a policy have tens, several of them together some thousands.</summary>
    private const int MostStates = 20_000;

    /// <summary>A text that the expression matches, or null.</summary>
    public static string? Example(Pattern pattern) => Find(Language.Matching(pattern, absent: false), []).Value;

    /// <summary>A value that the first admits and none of the others; a null value means that the part is absent.</summary>
    public static (Found Found, string? Value) Find(Language include, IReadOnlyList<Language> exclude)
    {
        if (include.IsNumber || exclude.Any(e => e.IsNumber))
        {
            return Number(include, exclude);
        }

        if (include.Absent && exclude.All(e => !e.Absent))
        {
            return (Found.Value, null);
        }

        return !include.Present || exclude.Any(e => e is { Present: true, Literal: null, Pattern: null }) ? (Found.None, null) : Search(include, [.. exclude.Where(e => e.Present)]);
    }

    /// <summary>Whether a language admits a value; null: absent.</summary>
    public static bool Admits(Language language, string? value) =>
        value is null ? language.Absent
        : language.Present && (language.IsNumber ? language.Most is null || long.Parse(value, System.Globalization.CultureInfo.InvariantCulture) <= language.Most
            : language.Literal is { } literal ? value == literal
            : (language.Pattern is null || language.Pattern.IsMatch(value)) && (language.Also is null || language.Also.IsMatch(value)));

    private static (Found, string?) Number(Language include, IReadOnlyList<Language> exclude)
    {
        if (exclude.Count == 0)
        {
            return (Found.Value, null);
        }

        if (exclude.Any(e => e.Most is null))
        {
            return (Found.None, null);
        }

        long above = exclude.Max(e => e.Most!.Value);
        return include.Most is { } most && most <= above ? (Found.None, null) : (Found.Value, (include.Most ?? above + 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static (Found, string?) Search(Language include, IReadOnlyList<Language> exclude)
    {
        if (include.Literal is { } text)
        {
            return exclude.Any(e => Admits(e, text)) ? (Found.None, null) : (Found.Value, text);
        }

        // The automata of the wanted language, then those of each excluded one.
        Automaton[][] groups = [Automaton.Of(include), .. exclude.Select(Automaton.Of)];
        Automaton[] all = [.. groups.SelectMany(g => g)];
        int wanted = groups[0].Length;
        char[] alphabet = Automaton.Alphabet(all);
        int[][] start = [.. all.Select(a => a.Start())];
        Dictionary<string, (string? From, char By)> seen = new(StringComparer.Ordinal) { [Key(start)] = (null, '\0') };
        Queue<int[][]> left = new([start]);
        while (left.TryDequeue(out int[][]? at))
        {
            string key = Key(at);
            if (Accepts(groups, all, at))
            {
                return (Found.Value, Path(seen, key));
            }

            foreach (char c in alphabet)
            {
                int[][] next = [.. all.Select((a, i) => a.Step(at[i], c))];
                if (next.Take(wanted).All(n => n.Length > 0) && seen.TryAdd(Key(next), (key, c)))
                {
                    left.Enqueue(next);
                }
            }

            if (seen.Count > MostStates)
            {
                return (Found.Unknown, null);
            }
        }

        return (Found.None, null);
    }

    private static bool Accepts(Automaton[][] groups, Automaton[] all, int[][] at)
    {
        int index = 0;
        for (int group = 0; group < groups.Length; group++)
        {
            bool accepts = true;
            for (int i = 0; i < groups[group].Length; i++, index++)
            {
                accepts &= all[index].Accepts(at[index]);
            }

            if (accepts != (group == 0))
            {
                return false;
            }
        }

        return true;
    }

    private static string Key(int[][] state) => string.Join('|', state.Select(s => string.Join(',', s)));

    private static string Path(Dictionary<string, (string? From, char By)> seen, string end)
    {
        List<char> reversed = [];
        for (string at = end; seen[at] is { From: { } from, By: var by }; at = from)
        {
            reversed.Add(by);
        }

        reversed.Reverse();
        return new([.. reversed]);
    }
}
