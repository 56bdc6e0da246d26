using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The guest images that the build made.</summary>
public sealed class GuestImageTests
{
    [Theory]
    [InlineData("development")]
    [InlineData("production")]
    public async Task A_guest_image_is_what_its_manifest_says_and_holds_no_shell_and_no_package_manager(string flavour)
    {
        (await Owner.PaviseAsync("guest", "inspect", Tree.Guest(flavour))).OrThrow("inspect");
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Tree.Guest(flavour), "manifest.json")))!;
        Assert.Equal(flavour, (string?)manifest["flavour"]);
        string[] names = [.. manifest["files"]!.AsArray().Select(f => Path.GetFileName((string)f!["path"]!))];
        Assert.Contains("init", names);
        Assert.Contains("crun", names);
        Assert.Empty(names.Intersect(["sh", "bash", "dash", "busybox", "apt", "dpkg", "python3", "perl", "ssh", "sudo", "su", "login"]));
    }

    [Fact]
    public async Task A_production_guest_has_no_evidence_on_a_machine_without_a_TEE_and_powers_off()
    {
        await using Node node = new("tcg", flavour: "production", extra: "timeout_seconds = 60");
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string annotation = await Owner.AnnotationAsync(Policies.Plain(await Owner.RootHashAsync(layout), "[\"true\"]"));
        CommandResult result = await node.RuntimeAsync("run", "--bundle", node.Bundle("p", Bundle.Config(root, ["true"], env: ["PATH=/usr/bin:/bin"]), annotation), "p");
        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain("did not answer within", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_production_guest_refuses_unshielded_mode()
    {
        await using Node node = new("tcg", unshielded: true, flavour: "production");
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        CommandResult result = await node.RuntimeAsync("run", "--bundle", node.Bundle("p", Bundle.Config(root, ["true"], env: ["PATH=/bin"]), null), "p");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("unshielded", result.Error, StringComparison.Ordinal);
    }
}
