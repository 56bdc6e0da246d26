namespace Pavise.Attestation.Tests.Fuzzing;

/// <summary>
/// Mutates a corpus and asks an oracle about every input. The oracle returns why the input shows a mistake, or null. PAVISE_FUZZ sets the number of inputs.
/// </summary>
internal static class Fuzzer
{
    private static readonly int? Rounds = int.TryParse(Environment.GetEnvironmentVariable("PAVISE_FUZZ"), out int rounds) && rounds > 0 ? rounds : null;

    /// <returns>The first finding, null when there is none.</returns>
    public static string? Find(IReadOnlyList<byte[]> corpus, int inputs, Func<byte[], string?> oracle, int seed = 20261124)
    {
        Mutator mutator = new(seed);
        List<byte[]> pool = [.. corpus];
        foreach (byte[] input in corpus)
        {
            if (oracle(input) is { } wrong)
            {
                return $"unchanged input: {wrong}";
            }
        }

        for (int i = 0; i < (Rounds ?? inputs); i++)
        {
            byte[] input = mutator.Mutate(pool[i % pool.Count], corpus);
            string? finding;
            try
            {
                finding = oracle(input);
            }
            catch (Exception e)
            {
                finding = $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}";
            }

            if (finding is not null)
            {
                return $"input {i} ({input.Length} bytes, {Convert.ToHexStringLower(input.AsSpan(0, Math.Min(input.Length, 64)))}…): {finding}";
            }
        }

        return null;
    }

    /// <summary>Runs a parser: its value, or null where it refuses in the one way that it may.</summary>
    public static T? Try<T>(Func<T> parse) where T : class
    {
        try
        {
            return parse();
        }
        catch (EvidenceFormatException)
        {
            return null;
        }
    }

    public static void FindsNothing(IReadOnlyList<byte[]> corpus, int inputs, Func<byte[], string?> oracle)
    {
        string? finding = Find(corpus, inputs, oracle);
        Assert.True(finding is null, finding);
    }

    public static void FindsTheMistake(IReadOnlyList<byte[]> corpus, int inputs, Func<byte[], string?> oracle)
    {
        string? finding = Find(corpus, inputs, oracle);
        Assert.True(finding is not null, $"{inputs} inputs did not find the planted mistake");
        Assert.DoesNotContain("unchanged input", finding, StringComparison.Ordinal);
    }
}
