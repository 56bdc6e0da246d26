namespace Pavise.Trojan.Attacks;

/// <summary>What was seen of a deed.</summary>
/// <param name="Happened">It took effect: taken from the state of things, never from the words of an answer.</param>
/// <param name="Seen">What was seen, in one line.</param>
internal sealed record Observation(bool Happened, string Seen)
{
    private const int Longest = 160;

    /// <summary>It had its effect.</summary>
    public static Observation Effect(string seen) => new(true, Line(seen));

    /// <summary>It had none.</summary>
    public static Observation None(string seen) => new(false, Line(seen));

    /// <summary>Whether it had its effect.</summary>
    public static Observation Of(bool happened, string seen) => new(happened, Line(seen));

    private static string Line(string text)
    {
        string line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= Longest ? line : line[..Longest] + "…";
    }
}
