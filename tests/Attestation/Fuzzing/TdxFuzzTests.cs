using System.Text;
using System.Text.Json;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Tdx;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests.Fuzzing;

/// <summary>TDX quotes and Intel's collateral. Each target first finds a mistake that is planted.</summary>
public sealed class TdxFuzzTests : IDisposable
{
    private readonly TdxScene _v4 = new(), _td15 = new(td15: true), _v5 = new(version5: true);

    public void Dispose()
    {
        _v4.Dispose();
        _td15.Dispose();
        _v5.Dispose();
    }

    private byte[][] Quotes() => [_v4.Quote(), _td15.Quote(), [.. _v5.Quote(), .. new byte[40]]];

    // Writing the parts again gives the input, but for zeros behind it.
    private static string? RoundTrip(byte[] input, Func<byte[], TdxQuote> parse)
    {
        if (Fuzzer.Try(() => parse(input)) is not { } quote)
        {
            return null;
        }

        byte[] again = QuoteBuilder.Write(quote, quote.PckChain.Span);
        return again.AsSpan().SequenceEqual(quote.Raw.Span) && input.AsSpan().StartsWith(again) && !input.AsSpan(again.Length).ContainsAnyExcept((byte)0) ? null : "accepted bytes that no part holds";
    }

    [Fact]
    public void A_parsed_quote_holds_every_byte_that_was_sent() => Fuzzer.FindsNothing(Quotes(), 15_000, i => RoundTrip(i, b => TdxQuote.Parse(b)));

    [Fact]
    public void The_fuzzer_finds_a_parser_that_ignores_what_stands_behind_a_quote() => Fuzzer.FindsTheMistake(Quotes(), 60_000, i => RoundTrip(i, b =>
    {
        byte[] lenient = [.. b];
        if (b.Length > 640)
        {
            int end = b[0] == 4 ? 636 + BitConverter.ToInt32(b, 632) : b.Length;
            if (end > 0 && end < b.Length)
            {
                lenient.AsSpan(end).Clear();
            }
        }

        return TdxQuote.Parse(lenient);
    }));

    // The text of the quote, read by another reader, must be base64 of what was read, and writing must lose none of it.
    private static string? JsonOracle(byte[] input, Func<byte[], LaunchEvidence> read)
    {
        if (Fuzzer.Try(() => read(input)) is not { } evidence)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(input);
        return !document.RootElement.GetProperty("quote").TryGetBytesFromBase64(out byte[]? quote) || !quote.AsSpan().StartsWith(evidence.Raw.Span) ? "another quote than was sent"
            : !read(EvidenceJson.Write(evidence)).Raw.Span.SequenceEqual(evidence.Raw.Span) ? "another quote after writing and reading"
            : null;
    }

    private byte[][] Jsons() => [.. Quotes().Select(q => EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Tdx, q)))];

    [Fact]
    public void A_quote_in_JSON_is_the_quote_that_was_signed() => Fuzzer.FindsNothing(Jsons(), 6_000, i => JsonOracle(i, b => EvidenceJson.Read(TeeKind.Tdx, b)));

    [Fact]
    public void The_fuzzer_finds_a_reader_that_passes_over_what_is_no_base64() => Fuzzer.FindsTheMistake(Jsons(), 60_000, i => JsonOracle(i, b =>
    {
        int start = b.AsSpan().IndexOf("\"quote\":\""u8) + 9;
        return start < 9 || b is not [.., (byte)'"', (byte)'}']
            ? throw new EvidenceFormatException("another form")
            : EvidenceJson.Read(TeeKind.Tdx, (byte[])[.. b[..start], .. b[start..^2].Where(c => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'+' or (byte)'/' or (byte)'=' or (byte)'\\'), .. b[^2..]]);
    }));

    private static Func<byte[], string?> WholeVerifier(TdxScene scene, byte[] right, params string[] ignored)
    {
        EvidenceRequirements requirements = scene.Requirements;
        TdxCollateral collateral = scene.Collateral();
        return input =>
        {
            if (Fuzzer.Try(() => LaunchEvidence.Parse(TeeKind.Tdx, input)) is not { } evidence || evidence.Raw.Span.SequenceEqual(right))
            {
                return null;
            }

            Verdict verdict = EvidenceVerifier.Authenticate(evidence, new() { Tdx = collateral }, scene.At, scene.Platform.Roots).Appraise(requirements);
            return verdict.Refusals.All(c => ignored.Contains(c.Name)) ? "accepted a changed quote" : null;
        };
    }

    [Fact]
    public void The_whole_verifier_accepts_no_changed_quote()
    {
        foreach (TdxScene scene in new[] { _v4, _td15 })
        {
            byte[] quote = scene.Quote();
            Fuzzer.FindsNothing([quote], 2_000, WholeVerifier(scene, quote));
        }
    }

    [Theory]
    [InlineData(CheckNames.TdxSignature)]
    [InlineData(CheckNames.TdxQeBinding)]
    [InlineData(CheckNames.TdxQeSignature)]
    public void The_fuzzer_finds_the_whole_verifier_without_a_check(string check)
    {
        byte[] quote = _v4.Quote();
        Fuzzer.FindsTheMistake([quote], 40_000, WholeVerifier(_v4, quote, check));
    }

    private static readonly DateTimeOffset Now = IntelPlatform.Now;

    // Another reader finds the value by its own means; what is signed must be those very bytes.
    private static string? ValueOracle(byte[] input, Func<byte[], SignedJson> parse)
    {
        if (Fuzzer.Try(() => parse(input)) is not { } signed)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(input);
        JsonElement root = document.RootElement;
        return root.EnumerateObject().Count() != 2 ? "another key beside value and signature"
            : !System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(root.GetProperty("tcbInfo")).SequenceEqual(signed.Value.Span) ? "another value"
            : null;
    }

    private byte[][] Infos() => [_v4.Collateral().TcbInfo.ToArray(), Encoding.UTF8.GetBytes("{ \"signature\": \"" + new string('0', 128) + "\", \"tcbInfo\": {\"a\": [1, {\"b\": \"}\"}]} }")];

    [Fact]
    public void The_signed_value_is_the_bytes_that_were_sent() => Fuzzer.FindsNothing(Infos(), 6_000, i => ValueOracle(i, b => SignedJson.Parse(b, "tcbInfo")));

    [Fact]
    public void The_fuzzer_finds_a_reader_that_looks_for_the_value_by_text() => Fuzzer.FindsTheMistake(Infos(), 60_000, i => ValueOracle(i, b =>
    {
        int start = b.AsSpan().IndexOf("\"tcbInfo\":"u8), end = b.AsSpan().IndexOf(",\"signature\""u8);
        return start >= 0 && end > start + 10 ? new(b.AsMemory()[(start + 10)..end], new byte[64]) : throw new EvidenceFormatException("not found");
    }));

    private static string? CollateralOracle(TdxScene scene, LaunchEvidence evidence, byte[] right, byte[] input, Func<TdxCollateral, byte[], TdxCollateral> put, params string[] ignored)
    {
        if (Fuzzer.Try(() => SignedJson.Parse(input, "tcbInfo")) is { } signed && signed.Value.Span.SequenceEqual(SignedJson.Parse(right, "tcbInfo").Value.Span))
        {
            return null;
        }

        Verdict verdict = EvidenceVerifier.Authenticate(evidence, new() { Tdx = put(scene.Collateral(), input) }, Now, scene.Platform.Roots).Appraise(scene.Requirements);
        return verdict.Refusals.All(c => ignored.Contains(c.Name)) ? "accepted changed collateral" : null;
    }

    [Fact]
    public void Changed_TCB_info_never_makes_an_old_platform_acceptable()
    {
        using TdxScene old = new() { TeeTcbSvn = [4, 0, 5] };
        LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Tdx, old.Quote());
        byte[] info = old.Collateral().TcbInfo.ToArray();
        Fuzzer.FindsNothing([info], 2_000, i => CollateralOracle(old, evidence, info, i, (c, b) => c with { TcbInfo = b }));
    }

    [Fact]
    public void The_fuzzer_finds_a_verifier_that_believes_unsigned_TCB_info()
    {
        LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Tdx, _v4.Quote());
        byte[] info = _v4.Collateral().TcbInfo.ToArray();
        string[] fromInfo = [.. CheckNames.Tdx.Where(n => n.StartsWith("tdx.tcb", StringComparison.Ordinal)), CheckNames.TdxModule];
        Fuzzer.FindsTheMistake([info], 40_000, i => CollateralOracle(_v4, evidence, info, i, (c, b) => c with { TcbInfo = b }, fromInfo));
    }

    [Fact]
    public void Collateral_is_read_or_refused_and_never_breaks_the_reader()
    {
        byte[][] values = [Encoding.UTF8.GetBytes(new TcbInfoText().ToString()), Encoding.UTF8.GetBytes(new QeIdentityText().ToString())];
        string? Oracle(byte[] input, Func<ReadOnlyMemory<byte>, TcbInfo> read)
        {
            _ = Fuzzer.Try(() => CollateralReader.ReadQeIdentity(input));
            return Fuzzer.Try(() => read(input)) is { } info && info.Levels.Any(l => l.SgxSvns.Length != 16 || l.TdxSvns.Length != 16) ? "a level without all components" : null;
        }

        Fuzzer.FindsNothing(values, 6_000, i => Oracle(i, b => CollateralReader.ReadTcbInfo(b)));
        Fuzzer.FindsTheMistake(values, 60_000, i => Oracle(i, b => CollateralReader.ReadTcbInfo(b) is var info && info.Levels.IsEmpty ? info : info with { Levels = [info.Levels[0] with { SgxSvns = info.Levels[0].PceSvn == 11 ? info.Levels[0].SgxSvns : [] }] }));
    }
}
