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

    [Fact]
    public void T2_is_genuine_and_refused_for_want_of_collateral()
    {
        Verdict verdict = Verify(Quote("trustee/tdx_quote_5.dat"), null, In2025);
        Assert.All(Genuine, n => verdict.Has(n, CheckStatus.Passed));
        verdict.Has(CheckNames.TdxTcbStatus, CheckStatus.NotEvaluated);
        Assert.False(verdict.Accepted);
        TdxReportBody body = verdict.Claims!.Tdx!.Body;
        Assert.Equal("383c87d3bbb047b2d171eaca95312ede99f258088dc788f6ae2ccf8b6dd848fe8d47629e08b3f6cbd4a00dd47a5a033d", Convert.ToHexStringLower(body.MrServiceTd!.Value.Span));
        Assert.StartsWith("05010200", Convert.ToHexStringLower(body.TeeTcbSvn2!.Value.Span), StringComparison.Ordinal);

        // A service TD is bound; with that accepted and the collateral waived nothing else is wrong.
        Verdict waived = Verify(Quote("trustee/tdx_quote_5.dat"), null, In2025, r => r with { NoCollateral = true });
        Assert.Equal([CheckNames.TdxServiceTd], waived.Refusals.Select(c => c.Name));
        Assert.True(Verify(Quote("trustee/tdx_quote_5.dat"), null, In2025, r => r with { NoCollateral = true, MrServiceTd = [body.MrServiceTd.Value] }).Accepted);
        foreach (DateTimeOffset outside in new[] { new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2031, 4, 1, 0, 0, 0, TimeSpan.Zero) })
        {
            Verify(Quote("trustee/tdx_quote_5.dat"), null, outside).Has(CheckNames.TdxChainValidity, CheckStatus.Failed);
        }
    }

    [Fact]
    public void T3_is_genuine_but_its_platform_reaches_no_level()
    {
        byte[] quote = Quote("go-tdx-guest/tdx_prod_quote_SPR_E4.dat");
        Verdict padded = Verify(quote, Vectors.Collateral2023(), In2023);
        padded.Has(CheckNames.Form, CheckStatus.Failed);
        Assert.Contains("39 bytes", padded.Of(CheckNames.Form).Found, StringComparison.Ordinal);

        Verdict verdict = Verify(quote[..^39], Vectors.Collateral2023(), In2023);
        Assert.All(Genuine, n => verdict.Has(n, CheckStatus.Passed));
        verdict.Has(CheckNames.TdxTcbStatus, CheckStatus.Failed);
        Assert.Contains("platform matches no level", verdict.Of(CheckNames.TdxTcbStatus).Found, StringComparison.Ordinal);
        verdict.Has(CheckNames.TdxAttributes, CheckStatus.Failed);
    }

    [Fact]
    public void T5_collateral_after_its_window_is_refused_part_by_part()
    {
        foreach ((string quote, TdxCollateral collateral) in new[] { ("trustee/tdx_quote_4.dat", Vectors.Collateral2023()), ("dcap-qvl/tdx_quote", Vectors.Collateral2025()) })
        {
            Verdict verdict = Verify(Quote(quote), collateral, new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
            Assert.All(
                new[] { CheckNames.TdxTcbInfoFresh, CheckNames.TdxQeIdentityFresh, CheckNames.TdxPckCrl, CheckNames.TdxRootCrl },
                n => verdict.Has(n, CheckStatus.Failed));
            verdict.Has(CheckNames.TdxTcbInfoSignature, CheckStatus.Passed);
        }
    }

    [Fact]
    public void The_edges_of_the_windows_are_the_recorded_ones()
    {
        (string Quote, TdxCollateral Collateral, DateTimeOffset From, DateTimeOffset To)[] cases =
        [
            ("trustee/tdx_quote_4.dat", Vectors.Collateral2023(), new(2023, 6, 18, 8, 42, 58, TimeSpan.Zero), new(2023, 7, 8, 7, 24, 59, TimeSpan.Zero)),
            ("dcap-qvl/tdx_quote", Vectors.Collateral2025(), new(2025, 6, 19, 10, 32, 27, TimeSpan.Zero), new(2025, 7, 19, 10, 0, 35, TimeSpan.Zero)),
        ];
        foreach ((string quote, TdxCollateral collateral, DateTimeOffset from, DateTimeOffset to) in cases)
        {
            bool At(DateTimeOffset time) => Verify(Quote(quote), collateral, time, r => r with { AllowDebug = true }).Accepted;
            Assert.True(At(from) && At(to));
            Assert.False(At(from.AddSeconds(-1)) || At(to.AddSeconds(1)));
        }
    }

    [Fact]
    public void T6_the_TCB_info_of_another_platform_is_refused()
    {
        Verdict verdict = Verify(Quote("dcap-qvl/tdx_quote"), Vectors.Collateral2023(), In2023);
        verdict.Has(CheckNames.TdxTcbInfoPlatform, CheckStatus.Failed);
        Assert.Contains("50806f000000", verdict.Of(CheckNames.TdxTcbInfoPlatform).Found, StringComparison.Ordinal);
        Assert.Contains("b0c06f000000", verdict.Of(CheckNames.TdxTcbInfoPlatform).Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trustee/tdx_quote_5.dat", 702)]
    [InlineData("dcap-qvl/tdx_quote", 632)]
    public void T7_every_changed_byte_of_what_is_signed_is_refused(string file, int signed)
    {
        byte[] quote = Quote(file);
        int signature = signed + 4, key = signature + 64, report = key + 64 + 6, reportSignature = report + 384, authentication = reportSignature + 64 + 2;
        IEnumerable<int> offsets = Enumerable.Range(0, signed).Concat(Enumerable.Range(signature, 128)).Concat(Enumerable.Range(report, 448)).Concat(Enumerable.Range(authentication, 32));
        Parallel.ForEach(offsets, new ParallelOptions { MaxDegreeOfParallelism = 2 }, offset =>
        {
            byte[] changed = [.. quote];
            changed[offset] ^= (byte)(1 << (offset % 8));
            Verdict verdict = Verify(changed, null, In2025, r => r with { NoCollateral = true });
            string[] expected = offset < signed ? [CheckNames.Form, CheckNames.TdxSignature]
                : offset < key ? [CheckNames.TdxSignature]
                : offset < key + 64 ? [CheckNames.TdxSignature, CheckNames.TdxQeBinding]
                : offset < reportSignature + 64 ? [CheckNames.TdxQeSignature]
                : [CheckNames.TdxQeBinding];
            Assert.True(verdict.Refusals.Any(c => expected.Contains(c.Name)), $"byte {offset}: {verdict}");
        });
    }

    [Fact]
    public void T8_changed_lengths_and_types_outside_the_signatures_are_refused_by_the_parser()
    {
        byte[] quote = Quote("dcap-qvl/tdx_quote");
        int signature = 636, certification = signature + 128, chain = certification + 6 + 450 + 32;
        int[] offsets = [.. Enumerable.Range(632, 4), .. Enumerable.Range(certification, 6), .. Enumerable.Range(certification + 6 + 448, 2), .. Enumerable.Range(chain, 6)];
        foreach (int offset in offsets)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. quote];
                changed[offset] ^= (byte)(1 << bit);
                Assert.Throws<EvidenceFormatException>(() => TdxQuote.Parse(changed));
            }
        }
    }

    [Fact]
    public void T9_another_root_in_the_quote_is_not_believed()
    {
        byte[] quote = Quote("dcap-qvl/tdx_quote");
        using Synthetic.IntelPlatform other = new();
        byte[] changed = Synthetic.QuoteBuilder.WithChain(quote, chain => [chain[0], chain[1], other.Root]);
        Verdict verdict = Verify(changed, null, In2025, r => r with { NoCollateral = true });
        verdict.Has(CheckNames.TdxChainRoot, CheckStatus.Failed);
        verdict.Has(CheckNames.TdxChainIntermediate, CheckStatus.Failed);
    }

    [Fact]
    public void Zero_bytes_may_stand_behind_a_quote_and_belong_to_no_part_of_it()
    {
        byte[] quote = Quote("dcap-qvl/tdx_quote");
        Assert.Equal(4936, TdxQuote.Parse(quote).Raw.Length);
        Assert.Equal(TdxQuote.Parse(quote).Raw, TdxQuote.Parse(quote[..4936]).Raw.ToArray().AsMemory(), (a, b) => a.Span.SequenceEqual(b.Span));
        quote[^1] = 1;
        Assert.Throws<EvidenceFormatException>(() => TdxQuote.Parse(quote));
        Assert.Throws<EvidenceFormatException>(() => TdxQuote.Parse([.. quote[..4936], .. new byte[AttestationLimits.QuotePadding + 1]]));
    }

    public static TheoryData<string, ulong, ulong, string> Fields => new()
    {
        { "trustee/tdx_quote_4.dat", 0x10000001, 0x642e7, "705ee9381b8633a9fbe532b52345e8433343d2868959f57889d84ca377c395b689cac1599ccea1b7d420483a9ce5f031" },
        { "trustee/tdx_quote_5.dat", 0x10000000, 0x642e7, "dfba221b48a22af8511542ee796603f37382800840dcd978703909bf8e64d4c8a1e9de86e7c9638bfcba422f3886400a" },
        { "dcap-qvl/tdx_quote", 0x10000000, 0x602e7, "91eb2b44d141d4ece09f0c75c2c53d247a3c68edd7fafe8a3520c942a604a407de03ae6dc5f87f27428b2538873118b7" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void The_fields_of_each_quote_are_the_recorded_ones(string file, ulong attributes, ulong xfam, string mrtd)
    {
        TdxReportBody body = TdxQuote.Parse(Quote(file)).Body;
        Assert.Equal((attributes, xfam, mrtd), (body.Attributes, body.Xfam, Convert.ToHexStringLower(body.MrTd.Span)));
        Assert.Equal(new string('0', 96), Convert.ToHexStringLower(body.MrConfigId.Span));
        Assert.Equal(new string('0', 96), Convert.ToHexStringLower(body.Rtmr3.Span));
    }
}
