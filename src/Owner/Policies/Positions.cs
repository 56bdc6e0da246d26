namespace Pavise.Owner.Policies;

/// <summary>Where in its file each value of a policy stands, by its path, counted from 1.</summary>
internal sealed class Positions
{
    private readonly Dictionary<string, (long Line, long Column)> places = new(StringComparer.Ordinal);

    public static Positions None { get; } = new();

    public void Add(string path, long line, long column) => places.TryAdd(path, (line, column));

    /// <summary>The place of a path; of what holds it, where the path itself is not there (a missing key).</summary>
    public (long Line, long Column)? Find(string path)
    {
        for (string at = path; ; at = at[..Math.Max(at.LastIndexOf('.'), at.LastIndexOf('['))])
        {
            if (places.TryGetValue(at, out (long, long) place))
            {
                return place;
            }

            if (!at.Contains('.', StringComparison.Ordinal) && !at.Contains('[', StringComparison.Ordinal))
            {
                return places.TryGetValue("", out place) ? place : null;
            }
        }
    }
}
