namespace Pavise.Guest.Boot;

/// <summary>
/// The kernel's command line is one of those that the image's build wrote into the RAM disk (<c>MACHINE: words</c>). Two words may follow, each once: the frequency of the
/// time stamp counter on <c>tcg</c>, which has no other way to know it, and a console where the image is a development one.
/// </summary>
internal static class KernelCommandLine
{
    private const string Frequency = "tsc_early_khz=", Console = "console=ttyS0", Emulated = "tcg";
    private const int FrequencyDigits = 8;

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="actual">The text of /proc/cmdline.</param>
    /// <param name="expected">The image's lines.</param>
    /// <param name="development">Whether a console may be there.</param>
    public static string? Problem(string actual, IEnumerable<string> expected, bool development)
    {
        string line = actual.TrimEnd('\n');
        foreach (string entry in expected)
        {
            int colon = entry.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0 && IsOf(line, entry[(colon + 2)..], mayTellFrequency: entry[..colon] == Emulated, development))
            {
                return null;
            }
        }

        return $"the kernel's command line is none of this image: {line}";
    }

    private static bool IsOf(string line, string expected, bool mayTellFrequency, bool mayHaveConsole)
    {
        if (!line.StartsWith(expected, StringComparison.Ordinal) || (line.Length > expected.Length && line[expected.Length] != ' '))
        {
            return false;
        }

        string[] added = line[expected.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return added.Count(IsFrequency) <= 1 && added.Count(w => w == Console) <= 1
            && added.All(w => (mayTellFrequency && IsFrequency(w)) || (mayHaveConsole && w == Console));
    }

    private static bool IsFrequency(string word) =>
        word.StartsWith(Frequency, StringComparison.Ordinal) && word.Length - Frequency.Length is > 0 and <= FrequencyDigits && word.AsSpan(Frequency.Length).IndexOfAnyExceptInRange('0', '9') < 0;
}
