namespace Pavise.Attestation;

/// <summary>The three values that only the owner can know: report data, policy, measurement.</summary>
internal static class ValueAppraisal
{
    public static void Run(EvidenceClaims claims, EvidenceRequirements requirements, CheckLog log)
    {
        Compare(log, CheckNames.ReportData, requirements.ReportData, e => e.Span.SequenceEqual(claims.ReportData.Span), Hex, Hex(claims.ReportData));
        Compare(log, CheckNames.Policy, requirements.Policy, e => e.For(claims.Tee).Span.SequenceEqual(claims.PolicyDigest.Span), e => Hex(e.For(claims.Tee)), Hex(claims.PolicyDigest));
        Compare(log, CheckNames.Measurement, requirements.Measurement, e => e.Matches(claims.Measurement), e => e.ToString(), claims.Measurement.ToString());
        if (claims.Measurement.Rtmr0 is { } tables)
        {
            Tables(log, requirements.Measurement, claims.Measurement, tables);
        }
    }

    // RTMR0 holds what the host hands to the firmware, ACPI tables with code among it. `pavise measure` cannot compute it, so that most expectations leave it open: said, never silent.
    private static void Tables(CheckLog log, Expected<LaunchMeasurement> expected, LaunchMeasurement measured, ReadOnlyMemory<byte> tables)
    {
        LaunchMeasurement[] named = [.. expected.Values.Where(e => e.Rtmr0 is not null)];
        if (named.Length == 0 || expected.Values.Any(e => e.Rtmr0 is null && e.Matches(measured)))
        {
            log.NotAsked(CheckNames.TdxRtmr0, $"not compared, so the ACPI tables are whatever the host gave: {Hex(tables)}");
            return;
        }

        log.Is(CheckNames.TdxRtmr0, named.Any(e => e.Rtmr0!.Value.Span.SequenceEqual(tables.Span)), string.Join(" or ", named.Select(e => Hex(e.Rtmr0!.Value))), Hex(tables));
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
