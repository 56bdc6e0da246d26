using System.Buffers.Binary;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests;

/// <summary>Each check of TDX evidence on a synthetic platform: everything right is accepted, one thing wrong is refused by the check that is about it.</summary>
public sealed class TdxVerificationTests
{
    private static void RefusedBy(Verdict verdict, params string[] names)
    {
        Assert.False(verdict.Accepted);
        Assert.Equal(names.Order(StringComparer.Ordinal), verdict.Refusals.Select(c => c.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_right_quote_is_accepted_under_the_strict_requirements(bool td15, bool version5)
    {
        using TdxScene scene = new(td15, version5);
        Verdict verdict = scene.Verify();
        Assert.True(verdict.Accepted, string.Join('\n', verdict.Refusals));
        Assert.Equal(CheckNames.Tdx, verdict.Checks.Select(c => c.Name));
        Assert.Equal(TcbStatus.UpToDate, verdict.Claims!.Platform!.Status);
    }

    [Fact]
    public void Without_any_expectation_nothing_is_accepted()
    {
        using TdxScene scene = new();
        Verdict verdict = EvidenceVerifier.Authenticate(LaunchEvidence.Parse(TeeKind.Tdx, scene.Quote()), new() { Tdx = scene.Collateral() }, scene.At, scene.Platform.Roots).Appraise(new());
        RefusedBy(verdict, CheckNames.ReportData, CheckNames.Policy, CheckNames.Measurement);
    }

    [Theory]
    [InlineData(136, CheckNames.Measurement)]
    [InlineData(184, CheckNames.Policy)]
    [InlineData(328, CheckNames.Measurement, CheckNames.TdxRtmr0)]
    [InlineData(376, CheckNames.Measurement)]
    [InlineData(424, CheckNames.Measurement)]
    [InlineData(472, CheckNames.Measurement)]
    [InlineData(583, CheckNames.ReportData)]
    public void A_value_that_is_not_the_expected_one_is_refused_by_its_check(int offset, params string[] checks)
    {
        using TdxScene scene = new();
        EvidenceRequirements requirements = scene.Requirements;
        scene.Body[offset] ^= 1;
        RefusedBy(EvidenceVerifier.Authenticate(LaunchEvidence.Parse(TeeKind.Tdx, scene.Quote()), new() { Tdx = scene.Collateral() }, scene.At, scene.Platform.Roots).Appraise(requirements), checks);
    }

    [Fact]
    public void A_register_that_the_owner_leaves_open_is_not_compared_and_one_that_is_named_is()
    {
        using TdxScene scene = new();
        AuthenticatedEvidence evidence = EvidenceVerifier.Authenticate(LaunchEvidence.Parse(TeeKind.Tdx, scene.Quote()), new() { Tdx = scene.Collateral() }, scene.At, scene.Platform.Roots);
        bool Accepts(LaunchMeasurement expected) => evidence.Appraise(scene.Requirements with { Measurement = Expected<LaunchMeasurement>.OneOf(expected) }).Accepted;
        Assert.True(Accepts(new(scene.Body[136..184])));
        Assert.True(Accepts(new(scene.Body[136..184], Rtmr1: scene.Body[376..424])));
        Assert.False(Accepts(new(scene.Body[136..184], Rtmr1: scene.Body[328..376])));
    }

    [Fact]
    public void Whether_the_ACPI_tables_register_was_compared_stands_in_every_verdict()
    {
        using TdxScene scene = new();
        AuthenticatedEvidence evidence = EvidenceVerifier.Authenticate(LaunchEvidence.Parse(TeeKind.Tdx, scene.Quote()), new() { Tdx = scene.Collateral() }, scene.At, scene.Platform.Roots);
        LaunchMeasurement whole = new(scene.Body[136..184], scene.Body[328..376], scene.Body[376..424], scene.Body[424..472]);
        Check Tables(params LaunchMeasurement[] expected) => evidence.Appraise(scene.Requirements with { Measurement = Expected<LaunchMeasurement>.OneOf(expected) }).Of(CheckNames.TdxRtmr0);
        Assert.Equal(CheckStatus.Passed, Tables(whole).Status);
        Check open = Tables(whole with { Rtmr0 = null });
        Assert.Equal((CheckStatus.NotEvaluated, false), (open.Status, open.Required));
        Assert.StartsWith("not compared", open.Found, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.NotEvaluated, Tables(whole with { Rtmr0 = new byte[48] }, whole with { Rtmr0 = null }).Status);
        Assert.Equal(CheckStatus.Failed, Tables(whole with { Rtmr0 = new byte[48] }, whole with { Rtmr0 = null, Rtmr1 = new byte[48] }).Status);
    }

    [Theory]
    [InlineData(TdxAttributes.Debug | TdxAttributes.SeptVeDisable, CheckNames.TdxDebug)]
    [InlineData(0UL, CheckNames.TdxAttributes)]
    [InlineData(TdxAttributes.Migratable | TdxAttributes.SeptVeDisable, CheckNames.TdxAttributes)]
    [InlineData(TdxAttributes.PerfMon | TdxAttributes.SeptVeDisable, CheckNames.TdxAttributes)]
    [InlineData(2UL | TdxAttributes.SeptVeDisable, CheckNames.TdxAttributes)]
    public void Attributes_that_weaken_the_guest_are_refused(ulong attributes, string check)
    {
        using TdxScene scene = new();
        BinaryPrimitives.WriteUInt64LittleEndian(scene.Body.AsSpan(120), attributes);
        RefusedBy(scene.Verify(), check);
    }

    [Fact]
    public void XFAM_must_be_possible_and_service_TDs_accepted()
    {
        using TdxScene xfam = new();
        BinaryPrimitives.WriteUInt64LittleEndian(xfam.Body.AsSpan(128), 0x602e6);
        RefusedBy(xfam.Verify(), CheckNames.TdxXfam);
        BinaryPrimitives.WriteUInt64LittleEndian(xfam.Body.AsSpan(128), 0x602e7 | 1UL << 40);
        RefusedBy(xfam.Verify(), CheckNames.TdxXfam);

        using TdxScene service = new(td15: true);
        service.Body[600] = 1;
        RefusedBy(service.Verify(), CheckNames.TdxServiceTd);
        Assert.True(service.Verify(r => r with { MrServiceTd = [service.Body[600..648]] }).Accepted);
    }

    [Fact]
    public void Module_owner_and_configuration_are_compared_where_the_owner_names_values()
    {
        using TdxScene scene = new();
        ReadOnlyMemory<byte> other = Enumerable.Repeat((byte)1, 48).ToArray();
        RefusedBy(scene.Verify(r => r with { MrSeam = [other], MrOwner = [other], MrOwnerConfig = [other] }), CheckNames.TdxMrSeam, CheckNames.TdxOwner, CheckNames.TdxOwnerConfig);
        Assert.True(scene.Verify(r => r with { MrSeam = [other, scene.Body[16..64]], MrOwner = [new byte[48]], MrOwnerConfig = [new byte[48]] }).Accepted);
    }

    [Fact]
    public void Another_quoting_enclave_is_refused()
    {
        using TdxScene vendor = new() { Vendor = new byte[16] };
        RefusedBy(vendor.Verify(), CheckNames.TdxQuotingEnclaveVendor);
        foreach (int offset in new[] { 16, 48, 128, 256 })
        {
            using TdxScene scene = new();
            scene.QeReport[offset] ^= 2;
            RefusedBy(scene.Verify(), CheckNames.TdxQeIdentityMatch);
        }
    }

    [Fact]
    public void A_key_that_the_quoting_enclave_did_not_vouch_for_is_refused()
    {
        using TdxScene scene = new(), other = new();
        scene.Change = quote => TdxQuote.Parse(quote) is var mine && TdxQuote.Parse(other.Quote()) is var theirs
            ? QuoteBuilder.Write(theirs.Signed.Span, theirs.Signature.Span, theirs.AttestationKey.Span, mine.QeReport.Raw.Span, mine.QeReportSignature.Span, mine.QeAuthentication.Span, mine.PckChain.Span)
            : quote;
        scene.Verify().Has(CheckNames.TdxQeBinding, CheckStatus.Failed);
        Assert.False(scene.Verify().Accepted);
    }

    [Fact]
    public void Chains_that_are_broken_or_swapped_are_refused()
    {
        using TdxScene scene = new(), other = new();
        (Func<IReadOnlyList<byte[]>, IReadOnlyList<byte[]>> Change, string Check)[] cases =
        [
            (c => [c[0], c[1], other.Platform.Root], CheckNames.TdxChainRoot),
            (c => [c[0], other.Platform.Ca, c[2]], CheckNames.TdxChainIntermediate),
            (c => [other.Platform.Pck, c[1], c[2]], CheckNames.TdxChainLeaf),
            (c => [c[0], c[1]], CheckNames.TdxPckForm),
            (c => [c[1], c[0], c[2]], CheckNames.TdxPckForm),
            (c => [c[0], scene.Platform.Signer, c[2]], CheckNames.TdxChainLeaf),
        ];
        foreach ((Func<IReadOnlyList<byte[]>, IReadOnlyList<byte[]>> change, string check) in cases)
        {
            scene.Change = quote => QuoteBuilder.WithChain(quote, change);
            Verdict verdict = scene.Verify();
            Assert.False(verdict.Accepted);
            verdict.Has(check, CheckStatus.Failed);
        }
    }

    [Fact]
    public void An_expired_chain_is_refused()
    {
        using TdxScene scene = new() { At = IntelPlatform.End.AddSeconds(1) };
        scene.Verify().Has(CheckNames.TdxChainValidity, CheckStatus.Failed);
    }

    [Fact]
    public void No_collateral_refuses_unless_waived_and_waiving_does_not_silence_what_is_there()
    {
        using TdxScene scene = new();
        TdxCollateral none = TdxCollateral.None;
        Verdict verdict = scene.Verify(null, none);
        Assert.False(verdict.Accepted);
        Assert.All(verdict.Refusals, c => Assert.Equal(CheckStatus.NotEvaluated, c.Status));
        Assert.True(scene.Verify(r => r with { NoCollateral = true }, none).Accepted);

        using TdxScene revoked = new() { WithIdentity = false, Info = new() { Levels = [new([1], 1, [1], "Revoked", [])] } };
        RefusedBy(revoked.Verify(r => r with { NoCollateral = true }), CheckNames.TdxTcbStatus);
        using TdxScene unmatched = new() { WithIdentity = false, Info = new() { Levels = [new([255], 1, [1], "UpToDate", [])] } };
        RefusedBy(unmatched.Verify(r => r with { NoCollateral = true }), CheckNames.TdxTcbStatus);
        using TdxScene enclave = new() { WithInfo = false };
        enclave.QeReport[258] = 1;
        RefusedBy(enclave.Verify(r => r with { NoCollateral = true }), CheckNames.TdxTcbStatus);
    }
}
