using System.Text.Json;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests.Fuzzing;

/// <summary>SNP reports: as bytes, as the protocol's JSON, and through the whole verifier. Each target first finds a mistake that is planted.</summary>
public sealed class SnpFuzzTests
{
    private static byte[][] Reports()
    {
        SnpScene milan = new(SnpProduct.Milan, 2), genoa = new(SnpProduct.Genoa, 3, vlek: true), turin = new(SnpProduct.Turin, 5);
        return [milan.Sign(), genoa.Sign(), turin.Sign()];
    }

    // Writes a report again from the fields that were read: whatever is in none of them must have been zero.
    private static byte[] FromFields(SnpReport report)
    {
        byte[] bytes = new byte[SnpReport.Bytes];
        void Put(int offset, ReadOnlySpan<byte> value) => value.CopyTo(bytes.AsSpan(offset));
        Put(0x00, BitConverter.GetBytes(report.Version));
        Put(0x04, BitConverter.GetBytes(report.GuestSvn));
        Put(0x08, BitConverter.GetBytes(report.Policy));
        Put(0x10, report.FamilyId.Span);
        Put(0x20, report.ImageId.Span);
        Put(0x30, BitConverter.GetBytes(report.Vmpl));
        bytes[0x34] = 1;
        Put(0x38, BitConverter.GetBytes(report.CurrentTcb));
        Put(0x40, BitConverter.GetBytes(report.PlatformInfo));
        bytes[0x48] = (byte)((report.AuthorKeyEnabled ? 1 : 0) | (report.ChipKeyMasked ? 2 : 0) | (int)report.SigningKey << 2);
        Put(0x50, report.ReportData.Span);
        Put(0x90, report.Measurement.Span);
        Put(0xC0, report.HostData.Span);
        Put(0xE0, report.IdKeyDigest.Span);
        Put(0x110, report.AuthorKeyDigest.Span);
        Put(0x140, report.ReportId.Span);
        Put(0x160, report.MigrationAgentReportId.Span);
        Put(0x180, BitConverter.GetBytes(report.ReportedTcb));
        (bytes[0x188], bytes[0x189], bytes[0x18A]) = (report.CpuidFamily, report.CpuidModel, report.CpuidStepping);
        Put(0x1A0, report.ChipId.Span);
        Put(0x1E0, BitConverter.GetBytes(report.CommittedTcb));
        (bytes[0x1EA], bytes[0x1E9], bytes[0x1E8]) = report.CurrentFirmware;
        (bytes[0x1EE], bytes[0x1ED], bytes[0x1EC]) = report.CommittedFirmware;
        Put(0x1F0, BitConverter.GetBytes(report.LaunchTcb));
        if (report.Version == 5)
        {
            Put(0x1F8, BitConverter.GetBytes(report.LaunchMitigations));
            Put(0x200, BitConverter.GetBytes(report.CurrentMitigations));
        }

        byte[] signature = report.SignatureP1363;
        Put(0x2A0, [.. signature[..48].Reverse()]);
        Put(0x2E8, [.. signature[48..].Reverse()]);
        return bytes;
    }

    private static string? RoundTrip(byte[] input, Func<byte[], SnpReport> parse) =>
        Fuzzer.Try(() => parse(input)) is { } report && !FromFields(report).AsSpan().SequenceEqual(input) ? "accepted bytes that no field holds" : null;

    [Fact]
    public void A_parsed_report_holds_every_byte_that_was_sent() => Fuzzer.FindsNothing(Reports(), 30_000, i => RoundTrip(i, b => SnpReport.Parse(b)));

    [Fact]
    public void The_fuzzer_finds_a_parser_that_ignores_reserved_bytes() => Fuzzer.FindsTheMistake(Reports(), 60_000, i => RoundTrip(i, b =>
    {
        byte[] lenient = [.. b];
        if (lenient.Length == SnpReport.Bytes)
        {
            lenient.AsSpan(0x208, 0x98).Clear();
        }

        return SnpReport.Parse(lenient);
    }));

    [Fact]
    public void The_fuzzer_finds_a_parser_that_takes_the_newest_version_for_a_known_one() => Fuzzer.FindsTheMistake(Reports(), 60_000, i =>
        Fuzzer.Try(() => SnpReport.Parse(i.Length > 0 && i[0] == 4 ? [3, .. i[1..]] : i)) is not null && i[0] is not (2 or 3 or 5) ? "accepted an unknown version" : null);

    private static byte[][] Jsons() => [.. Reports().Select(r => EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Snp, r)))];

    // The numbers and lists of the JSON, read by another reader, must stand in the report, and writing must lose none of it.
    private static string? JsonOracle(byte[] input, Func<byte[], LaunchEvidence> read)
    {
        if (Fuzzer.Try(() => read(input)) is not { } evidence)
        {
            return null;
        }

        if (Fuzzer.Try(() => EvidenceJson.Write(evidence)) is { } written && !read(written).Raw.Span.SequenceEqual(evidence.Raw.Span))
        {
            return "another report after writing and reading";
        }

        using JsonDocument document = JsonDocument.Parse(input);
        JsonElement report = document.RootElement.GetProperty("attestation_report");
        SnpReport snp = evidence.Snp!;
        (string Key, ReadOnlyMemory<byte> Value)[] lists = [("family_id", snp.FamilyId), ("report_data", snp.ReportData), ("measurement", snp.Measurement), ("host_data", snp.HostData), ("chip_id", snp.ChipId)];
        (string Key, ulong Value)[] numbers = [("version", snp.Version), ("guest_svn", snp.GuestSvn), ("policy", snp.Policy), ("vmpl", snp.Vmpl), ("plat_info", snp.PlatformInfo)];
        return lists.Where(l => !report.GetProperty(l.Key).EnumerateArray().Select(v => (byte)v.GetInt32()).SequenceEqual(l.Value.ToArray())).Select(l => $"{l.Key} differs")
            .Concat(numbers.Where(n => report.GetProperty(n.Key).GetUInt64() != n.Value).Select(n => $"{n.Key} differs"))
            .FirstOrDefault();
    }

    [Fact]
    public void Evidence_in_JSON_is_the_report_that_was_signed()
    {
        Assert.All(Reports(), r => Assert.Equal(r, EvidenceJson.Read(TeeKind.Snp, EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Snp, r))).Raw.ToArray()));
        Fuzzer.FindsNothing(Jsons(), 20_000, i => JsonOracle(i, b => EvidenceJson.Read(TeeKind.Snp, b)));
    }

    [Fact]
    public void The_fuzzer_finds_a_reader_that_drops_a_field() => Fuzzer.FindsTheMistake(Jsons(), 20_000, i => JsonOracle(i, b =>
    {
        byte[] report = EvidenceJson.Read(TeeKind.Snp, b).Raw.ToArray();
        report.AsSpan(4, 4).Clear();
        return LaunchEvidence.Parse(TeeKind.Snp, report);
    }));

    [Fact]
    public void The_senders_word_does_not_decide_the_order_of_the_TCBs_bytes()
    {
        string milan = System.Text.Encoding.UTF8.GetString(Jsons()[0]), turin = System.Text.Encoding.UTF8.GetString(Jsons()[2]);
        Assert.Throws<EvidenceFormatException>(() => EvidenceJson.Read(TeeKind.Snp, System.Text.Encoding.UTF8.GetBytes(milan.Replace("\"fmc\":null", "\"fmc\":1", StringComparison.Ordinal))));
        Assert.Throws<EvidenceFormatException>(() => EvidenceJson.Read(TeeKind.Snp, System.Text.Encoding.UTF8.GetBytes(turin.Replace("\"fmc\":1", "\"fmc\":null", StringComparison.Ordinal))));
    }

    // The chain is checked once; then each changed report against the checks that look at it.
    private static Func<byte[], string?> NeverAccepted(SnpScene scene, params string[] ignored)
    {
        byte[] right = scene.Sign();
        byte[] measurement = right[0x90..0xC0], policy = right[0xC0..0xE0], reportData = right[0x50..0x90];
        ReadOnlyMemory<byte> leaf = scene.Leaf;
        return input =>
        {
            if (Fuzzer.Try(() => SnpReport.Parse(input)) is not { } report || input.AsSpan().SequenceEqual(right))
            {
                return null;
            }

            bool accepted = (ignored.Contains(CheckNames.SnpSignature) || ReportSignatures.Holds(report, leaf))
                && report.ReportData.Span.SequenceEqual(reportData)
                && report.Measurement.Span.SequenceEqual(measurement)
                && report.HostData.Span.SequenceEqual(policy);
            return accepted ? "accepted a changed report" : null;
        };
    }

    [Fact]
    public void A_changed_report_is_never_accepted()
    {
        SnpScene scene = new();
        Fuzzer.FindsNothing([scene.Sign()], 4_000, NeverAccepted(scene));
    }

    [Fact]
    public void The_fuzzer_finds_a_verifier_that_forgets_the_signature()
    {
        SnpScene scene = new();
        Fuzzer.FindsTheMistake([scene.Sign()], 40_000, NeverAccepted(scene, CheckNames.SnpSignature));
    }

    // The same through the whole verifier: slower, and with it the verifier never throws.
    private static Func<byte[], string?> WholeVerifier(SnpScene scene, params string[] ignored)
    {
        byte[] right = scene.Sign();
        EvidenceRequirements requirements = scene.Requirements;
        return input =>
        {
            if (Fuzzer.Try(() => LaunchEvidence.Parse(TeeKind.Snp, input)) is not { } evidence || input.AsSpan().SequenceEqual(right))
            {
                return null;
            }

            Verdict verdict = EvidenceVerifier.Authenticate(evidence, new() { SnpCertificates = [.. scene.Certificates], SnpCrls = [.. scene.Crls] }, scene.At, scene.Roots).Appraise(requirements);
            return verdict.Refusals.All(c => ignored.Contains(c.Name)) ? $"accepted a changed report: {verdict}" : null;
        };
    }

    [Fact]
    public void The_whole_verifier_accepts_no_changed_report()
    {
        SnpScene scene = new();
        Fuzzer.FindsNothing([scene.Sign()], 600, WholeVerifier(scene));
    }

    [Theory]
    [InlineData(CheckNames.SnpSignature)]
    public void The_fuzzer_finds_the_whole_verifier_without_a_check(string check)
    {
        SnpScene scene = new();
        Fuzzer.FindsTheMistake([scene.Sign()], 6_000, WholeVerifier(scene, check));
    }

    // Certificates and lists instead of the report.
    private static Func<byte[], string?> ChangedCertificate(SnpScene scene, int which, params string[] ignored)
    {
        byte[] right = scene.Certificates[which];
        LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Snp, scene.Sign());
        return input =>
        {
            if (input.AsSpan().SequenceEqual(right))
            {
                return null;
            }

            ReadOnlyMemory<byte>[] certificates = [.. scene.Certificates.Select((c, i) => (ReadOnlyMemory<byte>)(i == which ? input : c))];
            Verdict verdict = EvidenceVerifier.Authenticate(evidence, new() { SnpCertificates = [.. certificates], SnpCrls = [.. scene.Crls] }, scene.At, scene.Roots).Appraise(scene.Requirements);
            return verdict.Refusals.All(c => ignored.Contains(c.Name)) ? $"accepted a changed certificate: {verdict}" : null;
        };
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_changed_certificate_is_never_accepted(int which)
    {
        SnpScene scene = new();
        Fuzzer.FindsNothing([scene.Certificates[which]], 1_000, ChangedCertificate(scene, which));
    }

    [Fact]
    public void The_fuzzer_finds_a_verifier_that_forgets_who_signed_the_leaf()
    {
        SnpScene scene = new();
        Fuzzer.FindsTheMistake(
            [scene.Certificates[0]],
            1_500,
            ChangedCertificate(scene, 0, CheckNames.SnpChainLeaf, CheckNames.SnpProduct, CheckNames.SnpTcbReported, CheckNames.SnpTcbCommitted, CheckNames.SnpTcbLaunch));
    }

    [Fact]
    public void A_changed_revocation_list_never_makes_evidence_acceptable()
    {
        SnpScene scene = new();
        byte[] revoking = scene.Chain.Crl(SnpScene.Now.AddDays(-1), SnpScene.Now.AddDays(30), AmdChain.AskSerial);
        LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Snp, scene.Sign());
        string? Oracle(byte[] input, params string[] ignored)
        {
            Verdict verdict = EvidenceVerifier.Authenticate(evidence, new() { SnpCertificates = [.. scene.Certificates], SnpCrls = [input] }, scene.At, scene.Roots).Appraise(scene.Requirements);
            return verdict.Refusals.All(c => ignored.Contains(c.Name)) ? "accepted" : null;
        }

        Fuzzer.FindsNothing([revoking], 1_000, i => Oracle(i));
        Assert.NotNull(Oracle(revoking, CheckNames.SnpRevocation));
    }
}
