using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pavise.Attestation;
using Pavise.Attestation.Simulated;
using Pavise.Attestation.Tests;
using Pavise.Policy.Json;

namespace Pavise.Owner.Tests.Verification;

/// <summary>`pavise verify` as it is called.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private const string PolicyText = """
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: redis, version: 4 }
        containers:
          - name: redis
            image: { rootfs: "verity-sha256:1111111111111111111111111111111111111111111111111111111111111111" }
            process: { args: [redis-server], user: { uid: 999, gid: 999 } }
        attestation: { tees: [sim] }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-verify-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        int code = await CommandLine.RunAsync(arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    private static byte[] Report(byte[] hostData, byte[] reportData)
    {
        byte[] report = new byte[1184];
        (report[0], report[0x0A], report[0x34]) = (2, 3, 1);
        reportData.CopyTo(report, 0x50);
        report.AsSpan(0x90, 48).Fill(7);
        hostData.CopyTo(report, 0xC0);
        SimulatedKey.ChipId.CopyTo(report.AsSpan(0x1A0));
        using ECDsa key = SimulatedKey.Create();
        byte[] signature = key.SignData(report.AsSpan(0, 0x2A0), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, 48).Reverse();
        signature.AsSpan(48).Reverse();
        signature.AsSpan(0, 48).CopyTo(report.AsSpan(0x2A0));
        signature.AsSpan(48).CopyTo(report.AsSpan(0x2E8));
        return report;
    }

    private static string Measurement => string.Concat(Enumerable.Repeat("07", 48));

    private async Task<(string Policy, byte[] Digest)> PolicyAsync()
    {
        string policy = Write("policy.yaml", Encoding.UTF8.GetBytes(PolicyText));
        string digest = (await RunAsync("policy", "digest", policy)).Output.Split('\n')[0]["sha256:".Length..];
        return (policy, Convert.FromHexString(digest));
    }

    [Fact]
    public async Task Evidence_of_a_policy_measurement_and_report_data_is_accepted_with_exit_code_0()
    {
        (string policy, byte[] digest) = await PolicyAsync();
        byte[] reportData = RandomNumberGenerator.GetBytes(64);
        string evidence = Write("evidence", Report(digest, reportData));
        (int code, string output, string errors) = await RunAsync(
            "verify", evidence, "--tee", "sim", "--policy", policy, "--measurement", Measurement, "--report-data", Convert.ToHexString(reportData));
        Assert.Equal(0, code);
        Assert.EndsWith("ACCEPTED", output.TrimEnd(), StringComparison.Ordinal);
        Assert.All(CheckNames.Simulated, n => Assert.Contains($"\n{n} ", "\n" + output, StringComparison.Ordinal));
        Assert.Contains("policy redis, version 4", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_value_is_refused_with_exit_code_1_and_a_missing_expectation_with_3()
    {
        (string policy, byte[] digest) = await PolicyAsync();
        string evidence = Write("evidence", Report(digest, new byte[64]));
        (int code, string output, _) = await RunAsync("verify", evidence, "--tee", "sim", "--policy", policy, "--measurement", new string('0', 96), "--report-data", "");
        Assert.Equal(1, code);
        Assert.Contains("REFUSED: measurement", output, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("verify", evidence, "--tee", "sim", "--policy", policy);
        Assert.Equal(3, code);
        Assert.Contains("REFUSED: report-data, measurement", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("verify", evidence, "--tee", "sim", "--policy", policy, "--any", "report-data", "--any", "measurement")).Code);
    }

    [Fact]
    public async Task Simulated_evidence_is_believed_only_when_it_is_asked_for_by_name()
    {
        string evidence = Write("evidence", Report(new byte[32], new byte[64]));
        (int code, string output, _) = await RunAsync("verify", evidence, "--any", "policy", "--any", "measurement", "--any", "report-data", "--any", "tcb", "--any", "revocation");
        Assert.NotEqual(0, code);
        Assert.Contains("snp.certificate", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_evidence_are_refused_with_a_table_of_all_checks()
    {
        (int code, string output, _) = await RunAsync("verify", Write("evidence", [1, 2, 3]), "--json");
        Assert.Equal(1, code);
        using JsonDocument verdict = JsonDocument.Parse(output);
        Assert.Equal("pavise.verdict/v1", verdict.RootElement.GetProperty("schema").GetString());
        Assert.False(verdict.RootElement.GetProperty("accepted").GetBoolean());
        Assert.Equal(CheckNames.Tdx, verdict.RootElement.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("name").GetString()!));
    }

    [Fact]
    public async Task Runtime_data_of_an_exchange_and_its_nonce_make_the_report_data()
    {
        byte[] runtime = Encoding.UTF8.GetBytes("{\"tee-pubkey\": {\"kty\": \"EC\"}, \"nonce\": \"bm9uY2U=\"}");
        byte[] canonical = Encoding.UTF8.GetBytes("{\"nonce\":\"bm9uY2U=\",\"tee-pubkey\":{\"kty\":\"EC\"}}");
        Assert.Equal(canonical, CanonicalJson.Write(JsonTree.Parse(runtime, 1000)));
        string evidence = Write("evidence", Report(new byte[32], [.. SHA384.HashData(canonical), .. new byte[16]])), file = Write("runtime.json", runtime);
        string[] rest = ["--tee", "sim", "--any", "policy", "--any", "measurement", "--runtime-data", file];
        Assert.Equal(0, (await RunAsync(["verify", evidence, .. rest, "--nonce", "bm9uY2U="])).Code);
        (int code, _, string errors) = await RunAsync(["verify", evidence, .. rest, "--nonce", "b3RoZXI="]);
        Assert.Equal(1, code);
        Assert.Contains("does not hold the nonce", errors, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("verify", evidence, "--tee", "sim", "--nonce", "bm9uY2U=")).Code);
        Assert.Equal(1, (await RunAsync("verify", Write("other", Report(new byte[32], new byte[64])), "--tee", "sim", "--any", "policy", "--any", "measurement", "--runtime-data", file)).Code);
    }

    [Theory]
    [InlineData("--report-data", "xy")]
    [InlineData("--measurement", "abcd")]
    [InlineData("--min-tcb", "zen=1.2.3.4")]
    [InlineData("--min-tcb", "milan=1.2.3")]
    [InlineData("--accept-status", "Fine")]
    [InlineData("--at", "yesterday-ish")]
    [InlineData("--policy", "/does/not/exist")]
    [InlineData("--collateral", "/does/not/exist")]
    public async Task A_malformed_option_is_an_error_that_names_it(string option, string value)
    {
        (int code, string output, string errors) = await RunAsync("verify", Write("evidence", Report(new byte[32], new byte[64])), "--tee", "sim", option, value);
        Assert.Equal(1, code);
        Assert.Contains(option == "--collateral" ? "collateral folder" : value.StartsWith('/') ? value : option, errors + output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_with_mistakes_is_an_error_and_not_taken_for_raw_bytes()
    {
        string policy = Write("policy.yaml", Encoding.UTF8.GetBytes(PolicyText.Replace("process:", "proces:", StringComparison.Ordinal)));
        (int code, _, string errors) = await RunAsync("verify", Write("evidence", Report(new byte[32], new byte[64])), "--tee", "sim", "--policy", policy);
        Assert.Equal(1, code);
        Assert.Contains("proces", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_recorded_policy_of_a_confidential_container_is_the_one_that_its_report_binds()
    {
        Vectors.SkipWithout();
        string vectors = Vectors.Folder!;
        string policy = Write("policy", Convert.FromBase64String(File.ReadAllText(Path.Combine(vectors, "snp/azure-aci/uvm_security_policy.base64")).Trim()));
        string[] arguments =
        [
            "verify", Path.Combine(vectors, "snp/azure-aci/snp_report.bin"), "--collateral", Path.Combine(vectors, "snp/azure-aci"), "--at", "2026-01-01T00:00:00Z",
            "--any", "report-data", "--any", "revocation", "--any", "platform",
            "--measurement", "51068107cdc7ee3d89c7821b05bca6147eb77b2005ae759050fc049b65a1b0beabc65a9d857acecf23225f5ec76849f5",
        ];
        (int code, string output, string errors) = await RunAsync([.. arguments, "--policy", policy, "--min-tcb", "milan=3.0.8.115"]);
        Assert.True(code == 0, output + errors);
        Assert.Contains("cadd74f71ebb8fbf9782baab649612520f3c416bc5ce9ac768808ddc8d9b031c", output, StringComparison.Ordinal);
        File.AppendAllText(policy, "\n");
        (code, output, _) = await RunAsync([.. arguments, "--policy", policy, "--min-tcb", "milan=3.0.8.115"]);
        Assert.Equal(1, code);
        Assert.Contains("REFUSED: policy-digest", output, StringComparison.Ordinal);
        (code, output, _) = await RunAsync([.. arguments, "--any", "policy", "--min-tcb", "milan=3.0.8.116"]);
        Assert.Equal(1, code);
        Assert.Contains("REFUSED: snp.tcb.reported, snp.tcb.committed, snp.tcb.launch", output, StringComparison.Ordinal);
        Assert.Contains("twice", (await RunAsync([.. arguments, "--min-tcb", "milan=3.0.8.115", "--min-tcb", "Milan=0.0.0.0"])).Errors, StringComparison.Ordinal);
    }
}
