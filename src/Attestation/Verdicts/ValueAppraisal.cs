namespace Pavise.Attestation;

/// <summary>The three values that only the owner can know: report data, policy, measurement.</summary>
internal static class ValueAppraisal
{
    public static void Run(EvidenceClaims claims, EvidenceRequirements requirements, CheckLog log)
    {
        Compare(log, CheckNames.ReportData, requirements.ReportData, e => e.Span.SequenceEqual(claims.ReportData.Span), Hex, Hex(claims.ReportData));
        Compare(log, CheckNames.Policy, requirements.Policy, e => e.For(claims.Tee).Span.SequenceEqual(claims.PolicyDigest.Span), e => Hex(e.For(claims.Tee)), Hex(claims.PolicyDigest));
        Compare(log, CheckNames.Measurement, requirements.Measurement, e => e.Matches(claims.Measurement), e => e.ToString(), claims.Measurement.ToString());
    }

    private static void Compare<T>(CheckLog log, string name, Expected<T> expected, Func<T, bool> matches, Func<T, string> text, string found)
    {
        if (expected.IsAny)
        {
            log.NotAsked(name, found);
        }
        else if (expected.IsUnset)
        {
            log.Missing(name, "nothing is given to compare with", found);
        }
        else
        {
            log.Is(name, expected.Values.Any(matches), string.Join(" or ", expected.Values.Select(text)), found);
        }
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
