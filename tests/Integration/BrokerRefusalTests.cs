using System.Text.Json;
using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>
/// The real guest against the real key broker, with one thing wrong: the container does not start, the host hears a decision's number and nothing else, the
/// broker's audit names the failing check with what was expected and found, and nothing was released.
/// </summary>
public sealed class BrokerRefusalTests
{
    private const string Password = "kbs:///shop/secrets/password", Canary = "canary-1f0c77a2";

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Another_measurement_starts_nothing_and_the_right_one_starts(string machine)
    {
        await using Node node = new(machine);
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string annotation, string root) = await PolicyAsync(node, broker.PolicyLines, 1);
        await broker.PutAsync(Password, Canary);
        string wrong = await broker.AllowAsync(Password, "--policy", policy, "--measurement", new string('0', 96), "--tee", "sim");
        await RefusedAsync(node, "wrong", root, annotation);
        JsonElement check = await FailingAsync(broker, "measurement");
        Assert.Equal(new string('0', 96), check.GetProperty("expected").GetString());
        string measured = await MeasuredAsync(machine);
        Assert.Equal(measured, check.GetProperty("found").GetString());

        // That was all that was wrong.
        (await broker.OwnerAsync("kb", "revoke", wrong)).OrThrow("pavise kb revoke");
        await broker.AllowAsync(Password, "--policy", policy, "--measurement", measured, "--tee", "sim");
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("right", Config(root), annotation), "right")).OrThrow("run");
        Assert.Contains(await broker.AuditAsync(), e => e.GetProperty("kind").GetString() == "released");
    }

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task An_older_version_of_a_signed_policy_starts_nothing_and_the_version_that_the_rule_asks_for_starts(string machine)
    {
        await using Node node = new(machine);
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string older, string annotation, string root) = await PolicyAsync(node, broker.PolicyLines, 1);
        (string newer, string current, _) = await PolicyAsync(node, broker.PolicyLines, 2);
        await broker.PutAsync(Password, Canary);
        foreach (string policy in (string[])[older, newer])
        {
            (await broker.OwnerAsync("policy", "sign", policy)).OrThrow("pavise policy sign");
            (await broker.OwnerAsync("kb", "publish", policy)).OrThrow("pavise kb publish");
        }

        await broker.AllowAsync(Password, "--signed-by", "alice", "--name", "shop", "--min-version", "2", "--any-measurement", "--tee", "sim");
        await RefusedAsync(node, "older", root, annotation);
        JsonElement check = await FailingAsync(broker, "rule.policy-version");
        Assert.Equal(("at least 2", "1"), (check.GetProperty("expected").GetString(), check.GetProperty("found").GetString()));
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("right", Config(root), current), "right")).OrThrow("run");
    }

    [Fact]
    public async Task Another_policy_starts_nothing()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, _, string root) = await PolicyAsync(node, broker.PolicyLines, 1);
        (_, string other, _) = await PolicyAsync(node, broker.PolicyLines, 2);
        await broker.PutAsync(Password, Canary, policy);
        await RefusedAsync(node, "other", root, other);
        await FailingAsync(broker, "policy-digest");
    }

    [Fact]
    public async Task A_production_broker_and_a_production_rule_refuse_simulated_evidence()
    {
        await using Node node = new("process");
        await using (KeyBroker production = await KeyBroker.StartAsync(simulated: false))
        {
            (string policy, string annotation, string root) = await PolicyAsync(node, production.PolicyLines, 1);
            await production.PutAsync(Password, Canary, policy);
            await RefusedAsync(node, "broker", root, annotation);
            await FailingAsync(production, "exchange.kind");
        }

        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string file, string second, string image) = await PolicyAsync(node, broker.PolicyLines, 2);
        await broker.PutAsync(Password, Canary);
        await broker.AllowAsync(Password, "--policy", file, "--any-measurement", "--tee", "snp", "--any-tcb");
        await RefusedAsync(node, "rule", image, second);
        await FailingAsync(broker, "evidence.kind");
    }

    [Fact]
    public async Task A_broker_with_another_key_or_none_at_all_starts_nothing()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        string lines = broker.PolicyLines;
        int at = lines.IndexOf("spki-sha256:", StringComparison.Ordinal) + "spki-sha256:".Length;
        (string policy, string annotation, string root) = await PolicyAsync(node, lines[..at] + new string('0', 64) + lines[(at + 64)..], 1);
        await broker.PutAsync(Password, Canary, policy);
        await RefusedAsync(node, "another", root, annotation);

        // A guest that does not know this broker tells it nothing, not even that it was refused.
        Assert.DoesNotContain(await broker.AuditAsync(), e => e.GetProperty("kind").GetString() is "attested" or "attestation-refused" or "released");
        (_, string right, _) = await PolicyAsync(node, lines, 2);
        await broker.StopAsync();
        await RefusedAsync(node, "down", root, right);
    }

    [Theory]
    [InlineData("process", false)]
    [InlineData("process", true)]
    [InlineData("tcg", true)]
    public async Task A_broker_that_never_answers_or_answers_a_byte_at_a_time_is_given_up_and_nothing_starts(string machine, bool answers)
    {
        await using Node node = new(machine);
        await using SlowBroker broker = new(answers);
        (_, string annotation, string root) = await PolicyAsync(node, broker.PolicyLines, 1);
        await RefusedAsync(node, "slow", root, annotation);
        Assert.InRange(broker.Connections, 1, 8);

        // To the owner who lets the host hear reasons it is said for what it is.
        (_, string detailed, _) = await PolicyAsync(node, broker.PolicyLines, 2, "detailed");
        CommandResult result = await node.RuntimeAsync("create", "--bundle", node.Bundle("told", Config(root), detailed), "told");
        Assert.Contains("the key broker did not answer within 30 s", result.Error, StringComparison.Ordinal);
        Assert.Equal("", (await node.RuntimeAsync("list", "--quiet")).Output.Trim());
    }

    private const string Script = "sleep 1000";

    private static JsonObject Config(string root) => Bundle.Config(root, ["sh", "-c", Script], 42);

    // What the host hears is that it was refused, and by which number the owner finds it.
    private static async Task RefusedAsync(Node node, string id, string root, string annotation)
    {
        CommandResult result = await node.RuntimeAsync("create", "--bundle", node.Bundle(id, Config(root), annotation), id);
        Assert.NotEqual(0, result.ExitCode);
        string told = result.Both.Split('\n').Single(l => l.Contains("the key broker released nothing", StringComparison.Ordinal));
        Assert.Matches("and without what the policy lists nothing is made, decision [0-9a-f]{8}$", told.TrimEnd());
        Assert.All((string[])["measurement", "secrets/", "policy-", "evidence", "spki", "has the key", "within", "127.0.0.1"], w => Assert.DoesNotContain(w, told, StringComparison.Ordinal));
        Assert.DoesNotContain(Canary, result.Both, StringComparison.Ordinal);
        Assert.Equal("", (await node.RuntimeAsync("list", "--quiet")).Output.Trim());
    }

    // The check in the broker's audit; nothing was released.
    private static async Task<JsonElement> FailingAsync(KeyBroker broker, string check)
    {
        IReadOnlyList<JsonElement> audit = await broker.AuditAsync();
        Assert.DoesNotContain(audit, e => e.GetProperty("kind").GetString() == "released");
        JsonElement refused = audit.Last(e => e.GetProperty("kind").GetString()!.EndsWith("refused", StringComparison.Ordinal));
        IEnumerable<JsonElement> lists = refused.TryGetProperty("checks", out JsonElement own) ? [own] : refused.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("checks"));
        JsonElement failing = lists.SelectMany(l => l.EnumerateArray()).First(c => c.ValueKind == JsonValueKind.Object && c.GetProperty("name").GetString() == check);
        Assert.NotEqual(failing.GetProperty("expected").GetString(), failing.GetProperty("found").GetString());
        Assert.Contains($"FAILED {check} ", (await broker.OwnerAsync("kb", "audit")).OrThrow("pavise kb audit").Output, StringComparison.Ordinal);
        return failing;
    }

    // What pavise measure computes; on the process machine the program that the host runs is what is measured.
    private static async Task<string> MeasuredAsync(string machine)
    {
        string[] guest = machine == "process" ? ["--guest", Tree.Bin("pavise-guest")] : [];
        CommandResult result = await Owner.PaviseAsync(["measure", Tree.Guest("development"), "--machine", machine, "--json", .. guest]);
        return JsonNode.Parse(result.OrThrow("pavise measure").Output)!["measurements"]![0]!["digest"]!.GetValue<string>();
    }

    private static async Task<(string File, string Annotation, string Root)> PolicyAsync(Node node, string attestation, int version, string? errors = null)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string file = Path.Combine(node.Folder, $"policy-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: shop, version: {{version}} }
            sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process: { args: [sh, -c, "{{Script}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: 42, gid: 42 } }
                signals: [TERM, KILL]
            secrets:
              - { resource: "{{Password}}", to: { container: main, file: /run/secrets/password, mode: "0440" } }
            {{(errors is null ? "" : $"host: {{ errors: {errors} }}")}}
            {{attestation.TrimEnd()}}
              tees: [sim]

            """);
        return (file, await Owner.AnnotationAsync(await File.ReadAllTextAsync(file)), root);
    }
}
