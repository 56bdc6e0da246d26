using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>At most so many pVMs of a policy live at once, whatever the host starts; and where each one's audit stood, the broker knows.</summary>
public sealed class InstanceTests
{
    private const string Lease = "kbs:///shop/leases/main", Script = "echo begun; sleep 1000";

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task A_second_pVM_of_a_policy_for_one_creates_nothing_until_the_first_has_ended(string machine)
    {
        await using Node node = new(machine);
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string annotation, string root) = await PolicyAsync(node, broker);
        string Bundled(string id) => node.Bundle(id, Bundle.Config(root, ["sh", "-c", Script], 42), annotation);

        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", Bundled("first"), "first")).OrThrow("run");
        CommandResult second = await node.RuntimeAsync("create", "--bundle", Bundled("second"), "second");
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("as many instances as the rule permits are alive", second.Error, StringComparison.Ordinal);
        Assert.Contains("running", (await node.RuntimeAsync("state", "first")).OrThrow("state").Output, StringComparison.Ordinal);

        (await node.RuntimeAsync("delete", "--force", "first")).OrThrow("delete");
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", Bundled("third"), "third")).OrThrow("run");

        // Which lease was whose, in their order, by numbers that never come again; and the audit of each boot that got one.
        JsonNode status = JsonNode.Parse((await broker.OwnerAsync("kb", "status", "--json")).OrThrow("pavise kb status").Output)!;
        Assert.Equal(2, status["checkpoints"]!.AsArray().Where(c => (string)c!["workload"]! == "shop@1" && (long)c["sequence"]! > 0).Select(c => (string)c!["boot"]!).Distinct().Count());
        string audit = (await broker.OwnerAsync("kb", "audit")).OrThrow("pavise kb audit").Output;
        Assert.Matches(new Regex("leased.*lease-refused.*lease-ended.*leased", RegexOptions.Singleline), audit);
    }

    [Fact]
    public async Task A_pVM_whose_lease_the_owner_takes_away_ends()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string annotation, string root) = await PolicyAsync(node, broker);
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("main", Bundle.Config(root, ["sh", "-c", Script], 42), annotation), "main")).OrThrow("run");
        string rules = (await broker.OwnerAsync("kb", "rules")).OrThrow("pavise kb rules").Output;
        (await broker.OwnerAsync("kb", "revoke", rules.Split('\t')[0])).OrThrow("pavise kb revoke");
        string state = "";
        for (int i = 0; i < 200 && !state.Contains("stopped", StringComparison.Ordinal); i++)
        {
            await Task.Delay(100);
            state = (await node.RuntimeAsync("state", "main")).Output;
        }

        Assert.Contains("stopped", state, StringComparison.Ordinal);
    }

    private static async Task<(string Annotation, string Root)> PolicyAsync(Node node, KeyBroker broker)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string file = Path.Combine(node.Folder, "policy.yaml");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: shop, version: 1 }
            sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process: { args: [sh, -c, "{{Script}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: 42, gid: 42 } }
                stdio: { stdin: none, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
            host: { errors: detailed }
            {{broker.PolicyLines.TrimEnd()}}
              tees: [sim]
              instances: { most: 1, lease: "{{Lease}}", seconds: 10 }

            """);
        (await broker.OwnerAsync("kb", "allow", Lease, "--policy", file, "--any-measurement", "--tee", "sim", "--instances", "1")).OrThrow("pavise kb allow");
        return (await Owner.AnnotationAsync(await File.ReadAllTextAsync(file)), root);
    }
}
