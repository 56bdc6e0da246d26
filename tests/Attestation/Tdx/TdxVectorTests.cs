using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation.Tests;

/// <summary>The cases T1 to T9 of the recorded evidence, each accepted or refused for the reason that its description gives.</summary>
public sealed class TdxVectorTests
{
    private static readonly DateTimeOffset In2023 = new(2023, 7, 1, 1, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset In2025 = new(2025, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Genuine =
    [
        CheckNames.TdxQuotingEnclaveVendor, CheckNames.TdxPckForm, CheckNames.TdxChainRoot, CheckNames.TdxChainIntermediate, CheckNames.TdxChainLeaf, CheckNames.TdxChainValidity,
        CheckNames.TdxQeSignature, CheckNames.TdxQeBinding, CheckNames.TdxSignature,
    ];

    private static byte[] Quote(string name) => Vectors.Read($"tdx/{name}");

    private static Verdict Verify(byte[] quote, TdxCollateral? collateral, DateTimeOffset now, Func<TdxRequirements, TdxRequirements>? change = null)
    {
        EvidenceRequirements lenient = Demands.Lenient;
        return EvidenceVerifier.Verify(TeeKind.Tdx, quote, new VerificationCollateral { Tdx = collateral }, change is null ? lenient : lenient with { Tdx = change(lenient.Tdx) }, now);
    }

    [Fact]
    public void T1_is_genuine_and_up_to_date_and_refused_because_the_host_may_debug_it()
    {
        Verdict verdict = Verify(Quote("trustee/tdx_quote_4.dat"), Vectors.Collateral2023(), In2023);
        Assert.Equal([CheckNames.TdxDebug], verdict.Refusals.Select(c => c.Name));
        Assert.Equal(TcbStatus.UpToDate, verdict.Claims!.Platform!.Status);
        Assert.True(Verify(Quote("trustee/tdx_quote_4.dat"), Vectors.Collateral2023(), In2023, r => r with { AllowDebug = true }).Accepted);
    }

    [Fact]
    public void T4_is_accepted_with_an_up_to_date_platform_and_no_advisories()
    {
        Verdict verdict = Verify(Quote("dcap-qvl/tdx_quote"), Vectors.Collateral2025(), In2025);
        Assert.True(verdict.Accepted, string.Join('\n', verdict.Refusals));
        Assert.Empty(verdict.Claims!.Platform!.Advisories);
        Assert.All(Genuine, n => verdict.Has(n, CheckStatus.Passed));
    }
}
