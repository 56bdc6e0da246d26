using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Tests;

internal static class Demands
{
    /// <summary>Waives everything that can be waived but genuineness.</summary>
    public static EvidenceRequirements Lenient { get; } = new()
    {
        ReportData = Expected<ReadOnlyMemory<byte>>.Any,
        Policy = Expected<PolicyDigest>.Any,
        Measurement = Expected<LaunchMeasurement>.Any,
        Snp = new() { AnyTcb = true, NoRevocationList = true, PlatformRequired = 0 },
    };

    public static Check Of(this Verdict verdict, string name) => verdict.Checks.Single(c => c.Name == name);

    public static void Has(this Verdict verdict, string name, CheckStatus status)
    {
        Check check = verdict.Of(name);
        Assert.True(check.Status == status, $"{check}");
    }
}
