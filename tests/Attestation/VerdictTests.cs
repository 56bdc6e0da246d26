using System.Text;
using System.Text.Json;
using CsCheck;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation.Tests;

public sealed class VerdictTests
{
    [Fact]
    public void A_check_that_nobody_wrote_about_refuses()
    {
        CheckLog log = new(TeeKind.Simulated);
        foreach (string name in CheckNames.Simulated.SkipLast(1))
        {
            log.Is(name, true, "", "");
        }

        EvidenceClaims claims = new() { Tee = TeeKind.Simulated, ReportData = default, PolicyDigest = default, Measurement = new(default) };
        Verdict verdict = new(TeeKind.Simulated, claims, log.ToChecks());
        Assert.False(verdict.Accepted);
        Assert.Equal([CheckNames.Measurement], verdict.Refusals.Select(c => c.Name));
    }

    [Fact]
    public void A_verifier_can_neither_invent_a_check_nor_overrule_one()
    {
        CheckLog log = new(TeeKind.Snp);
        log.Is(CheckNames.Vmpl, false, "", "");
        Assert.Throws<InvalidOperationException>(() => log.Is(CheckNames.Vmpl, true, "", ""));
        Assert.Throws<InvalidOperationException>(() => log.Is("else", true, "", ""));
        log.Waive(CheckNames.Vmpl);
        Assert.True(log.ToChecks().Single(c => c.Name == CheckNames.Vmpl).Refuses);
    }

    [Fact]
    public void A_verdict_without_checks_or_claims_accepts_nothing()
    {
        Assert.False(new Verdict(TeeKind.Snp, null, [new Check("x", CheckStatus.Passed, true, "", "")]).Accepted);
        Assert.False(new Verdict(TeeKind.Snp, new() { Tee = TeeKind.Snp, ReportData = default, PolicyDigest = default, Measurement = new(default) }, []).Accepted);
    }

    [Fact]
    public void What_is_found_is_one_line_of_printable_text_of_bounded_length() => Gen.String.Sample(text =>
    {
        CheckLog log = new(TeeKind.Snp);
        log.Is(CheckNames.Vmpl, false, text, text + "\u001b[2J\n" + new string('x', 2000));
        Check check = log.ToChecks().Single(c => c.Name == CheckNames.Vmpl);
        return (check.Expected + check.Found).All(c => c is >= ' ' and <= '~') && check.Found.Length <= AttestationLimits.FoundChars;
    });

    [Fact]
    public void A_verdict_in_JSON_has_every_check()
    {
        Verdict verdict = EvidenceVerifier.Verify(TeeKind.Tdx, [1, 2, 3], VerificationCollateral.None, new(), default);
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            VerdictJson.Write(json, verdict);
        }

        using JsonDocument document = JsonDocument.Parse(bytes.ToArray());
        Assert.False(document.RootElement.GetProperty("accepted").GetBoolean());
        Assert.Equal(CheckNames.Tdx, document.RootElement.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("name").GetString()!));
        Assert.Equal("failed", document.RootElement.GetProperty("checks")[0].GetProperty("status").GetString());
        Assert.Equal("tdx evidence refused: evidence.form (failed), " + string.Join(", ", CheckNames.Tdx.Skip(1).Select(n => $"{n} (not evaluated)")), verdict.ToString());
    }

    [Fact]
    public void Bytes_of_any_kind_get_a_verdict_and_never_an_exception() => Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[0, 2]).Sample((bytes, kind) =>
        !EvidenceVerifier.Verify((TeeKind)kind, bytes, new() { SnpCertificates = [bytes], SnpCrls = [bytes], Tdx = new(bytes, bytes, bytes, bytes, bytes, bytes) }, Demands.Lenient, default).Accepted);

    [Fact]
    public void Names_of_kinds_and_states_are_read_back()
    {
        Assert.All(Enum.GetValues<TeeKind>(), k => Assert.Equal(k, TeeKinds.Find(k.Name())));
        Assert.Null(TeeKinds.Find("SNP"));
        Assert.All(Enum.GetValues<TcbStatus>(), s => Assert.Equal(s, TcbStatuses.Find(s.ToString())));
        Assert.Null(TcbStatuses.Find("uptodate"));
    }

    [Fact]
    public void A_TCB_as_text_is_read_back() => Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte, Gen.Byte, Gen.Byte).Sample((a, b, c, d, e) => SnpTcb.Find(new SnpTcb(a, b, c, d, e).ToString()) == new SnpTcb(a, b, c, d, e));

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5.6")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.-1")]
    [InlineData("1.2.3. 4")]
    public void Other_text_is_no_TCB(string text) => Assert.Null(SnpTcb.Find(text));

    [Fact]
    public void An_initdata_digest_is_cut_or_padded_to_each_field()
    {
        byte[] sha384 = Enumerable.Range(1, 48).Select(i => (byte)i).ToArray();
        PolicyDigest cut = PolicyDigest.OfInitdata(sha384);
        Assert.Equal(sha384[..32], cut.HostData.ToArray());
        Assert.Equal(sha384, cut.MrConfigId.ToArray());
        PolicyDigest padded = PolicyDigest.OfInitdata(sha384.AsSpan(0, 32));
        Assert.Equal(sha384[..32], padded.HostData.ToArray());
        Assert.Equal([.. sha384[..32], .. new byte[16]], padded.MrConfigId.ToArray());
    }

    [Fact]
    public void The_recorded_initdata_has_the_published_fields()
    {
        byte[] document = Vectors.Read("initdata/peerpods-example-initdata.toml");
        Assert.Equal(
            "4bebff2869bcdd3e9848fd8bca681ffb9bd9e018e343aa664c960fb4834129ac",
            Convert.ToHexStringLower(PolicyDigest.OfInitdata(System.Security.Cryptography.SHA384.HashData(document)).HostData.Span));
    }

    [Fact]
    public void Report_data_of_an_exchange_is_the_hash_padded_with_zeros()
    {
        byte[] data = Kbs.KbsReportData.Of("{}"u8, System.Security.Cryptography.HashAlgorithmName.SHA384);
        Assert.Equal([.. System.Security.Cryptography.SHA384.HashData("{}"u8), .. new byte[16]], data);
    }

    [Fact]
    public void Text_between_PEM_blocks_is_refused()
    {
        string block = Pem.Write(new ReadOnlyMemory<byte>([1, 2, 3]));
        Assert.Equal(2, Pem.Certificates(Encoding.ASCII.GetBytes(block + "\n  " + block)).Length);
        Assert.Throws<EvidenceFormatException>(() => Pem.Certificates(Encoding.ASCII.GetBytes(block + "note\n" + block)));
        Assert.Throws<EvidenceFormatException>(() => Pem.Certificates(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(block, AttestationLimits.Certificates + 1)))));
    }

    [Fact]
    public void Every_check_has_its_row_in_the_documentation_and_every_row_is_a_check()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Pavise.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        string[] rows = [.. File.ReadLines(Path.Combine(root!, "docs/attestation.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal) && !l.StartsWith("| `-", StringComparison.Ordinal))];
        HashSet<string> documented = [.. rows.SelectMany(r => r.Split('|')[1].Split(',')).Select(n => n.Trim().Trim('`'))];
        string[] machines = ["snp", "tdx", "tcg", "kvm", "process"];
        Assert.Equal(CheckNames.BootKey.Concat(CheckNames.Snp).Concat(CheckNames.Tdx).Concat(CheckNames.Simulated).Distinct().Order(StringComparer.Ordinal), documented.Except(machines).Order(StringComparer.Ordinal));
    }
}
