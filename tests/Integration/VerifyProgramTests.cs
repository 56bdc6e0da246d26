using System.Text.Json;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The program <c>pavise verify</c> on the recorded report of an Azure container instance and its policy.</summary>
public sealed class VerifyProgramTests
{
    private const string Measurement = "51068107cdc7ee3d89c7821b05bca6147eb77b2005ae759050fc049b65a1b0beabc65a9d857acecf23225f5ec76849f5";
    private const string HostData = "cadd74f71ebb8fbf9782baab649612520f3c416bc5ce9ac768808ddc8d9b031c";

    [Fact]
    public async Task The_recorded_policy_hashes_to_the_HOST_DATA_of_the_recorded_report_and_another_byte_does_not()
    {
        string azure = Path.Combine(Vectors(), "snp", "azure-aci");
        string policy = Path.GetTempFileName();
        try
        {
            byte[] content = Convert.FromBase64String((await File.ReadAllTextAsync(Path.Combine(azure, "uvm_security_policy.base64"))).Trim());
            await File.WriteAllBytesAsync(policy, content);
            CommandResult right = await VerifyAsync(azure, policy);
            Assert.True(right.ExitCode == 0, right.Both);
            JsonElement check = Check(right, "policy-digest");
            Assert.Equal(("passed", HostData, HostData), (Text(check, "status"), Text(check, "expected"), Text(check, "found")));

            content[^1] ^= 1;
            await File.WriteAllBytesAsync(policy, content);
            CommandResult wrong = await VerifyAsync(azure, policy);
            Assert.Equal(1, wrong.ExitCode);
            Assert.Equal(("failed", HostData), (Text(Check(wrong, "policy-digest"), "status"), Text(Check(wrong, "policy-digest"), "found")));
        }
        finally
        {
            File.Delete(policy);
        }
    }

    private static Task<CommandResult> VerifyAsync(string azure, string policy) => Owner.PaviseAsync(
        "verify", Path.Combine(azure, "snp_report.bin"), "--collateral", azure, "--at", "2026-01-01T00:00:00Z", "--policy", policy, "--measurement", Measurement,
        "--min-tcb", "milan=3.0.8.115", "--any", "report-data", "--any", "revocation", "--any", "platform", "--json");

    private static JsonElement Check(CommandResult result, string name) =>
        JsonDocument.Parse(result.Output).RootElement.GetProperty("checks").EnumerateArray().Single(c => Text(c, "name") == name);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Vectors()
    {
        string? folder = Environment.GetEnvironmentVariable("PAVISE_VECTORS") ?? Path.Combine(Tree.Root, "..", "shared", "vectors");
        Assert.SkipUnless(Directory.Exists(folder), "recorded evidence is not on this machine (PAVISE_VECTORS, or the folder shared/vectors beside the checkout)");
        return folder;
    }
}
