namespace Pavise.Attestation.Tests.Checks;

/// <summary>One way to make one check fail.</summary>
internal static class Failing
{
    /// <summary>Each check of a kind has its case, no case is of another check, and each fails by that check, with what was expected and found.</summary>
    public static void Cover(IEnumerable<string> names, IReadOnlyDictionary<string, Func<Verdict>> cases)
    {
        Assert.Equal(names.Order(StringComparer.Ordinal), cases.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, Func<Verdict> make) in cases)
        {
            Verdict verdict = make();
            Check check = verdict.Of(name);
            Assert.True(check.Status == CheckStatus.Failed, $"{check}");
            Assert.True(check.Expected.Length > 0 && check.Found.Length > 0 && check.Expected != check.Found, $"{check}");
            Assert.False(verdict.Accepted);
        }
    }
}
