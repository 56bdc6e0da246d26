using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>Secrets reach the launch that the owner verified, and no other.</summary>
public sealed class SecretTests
{
    private const string Password = "kbs:///shop/secrets/password", Token = "kbs:///shop/secrets/token";
    private const string Canary = "canary-7f3a91", TokenCanary = "canary-token-55";
    private const string Script = "cat /run/secrets/password; echo; ls -ln /run/secrets/password; echo $TOKEN; sleep 1000";

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Secrets_reach_the_container_of_the_right_policy_as_file_and_variable_and_nothing_on_the_host(string machine)
    {
        await using Node node = new(machine);
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string annotation, string root) = await PolicyAsync(node, broker, 1);
        await broker.PutAsync(Password, Canary, policy);
        await broker.PutAsync(Token, TokenCanary, policy);

        string log = Path.Combine(node.Folder, "log");
        (await node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", node.Bundle("shop", Bundle.Config(root, ["sh", "-c", Script], 42), annotation), "shop")).OrThrow(await Tree.TextAsync(log));
        Assert.Equal(TokenCanary, (await node.RuntimeAsync("exec", "shop", "sh", "-c", "echo $TOKEN")).OrThrow("exec").Output.Trim());
        for (int i = 0; i < 100 && !(await Tree.TextAsync(log)).Contains(TokenCanary, StringComparison.Ordinal); i++)
        {
            await Task.Delay(100);
        }

        string output = await Tree.TextAsync(log);
        Assert.Contains(Canary, output, StringComparison.Ordinal);
        Assert.Matches("-r--r-----.* 42 +42 ", output);

        // The application printed them; beside its output no file of the node holds them.
        IEnumerable<string> files = Directory.EnumerateFiles(node.Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device }).Where(f => f != log && !f.EndsWith(".sock", StringComparison.Ordinal));
        foreach (string file in machine == "tcg" ? files : [])
        {
            string text = await Tree.TextAsync(file);
            Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
            Assert.DoesNotContain(TokenCanary, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_policy_a_revoked_rule_and_a_broker_that_is_away_start_nothing_and_say_so()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string annotation, string root) = await PolicyAsync(node, broker, 1);
        (_, string other, _) = await PolicyAsync(node, broker, 2);
        await broker.PutAsync(Password, Canary, policy);
        string rule = await broker.PutAsync(Token, TokenCanary, policy);
        JsonObject Config() => Bundle.Config(root, ["sh", "-c", Script], 42);

        await RefusedAsync(node, "other", Config(), other, "released nothing", "shop/secrets/");
        (await broker.OwnerAsync("kb", "revoke", rule)).OrThrow("pavise kb revoke");
        await RefusedAsync(node, "revoked", Config(), annotation, "released nothing", "token");
        await broker.StopAsync();
        await RefusedAsync(node, "away", Config(), annotation, "released nothing", "key broker at");

        await broker.ServeAsync();
        (await broker.OwnerAsync("kb", "allow", Token, "--policy", policy, "--any-measurement", "--tee", "sim")).OrThrow("pavise kb allow");
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("right", Config(), annotation), "right")).OrThrow("run");
    }

    [Fact]
    public async Task A_secret_that_is_released_once_is_not_had_by_a_second_launch()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string annotation, string root) = await PolicyAsync(node, broker, 1);
        await broker.PutAsync(Password, Canary, policy, "--releases", "1");
        await broker.PutAsync(Token, TokenCanary, policy);
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("first", Bundle.Config(root, ["sh", "-c", Script], 42), annotation), "first")).OrThrow("run");
        await RefusedAsync(node, "second", Bundle.Config(root, ["sh", "-c", Script], 42), annotation, "released nothing", "password");
    }

    [Fact]
    public async Task A_broker_with_another_key_than_the_policy_pins_is_told_nothing()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        string lines = broker.PolicyLines;
        int at = lines.IndexOf("spki-sha256:", StringComparison.Ordinal) + "spki-sha256:".Length;
        (string policy, string annotation, string root) = await PolicyAsync(node, broker, 1, lines[..at] + new string('0', 64) + lines[(at + 64)..]);
        await broker.PutAsync(Password, Canary, policy);
        await RefusedAsync(node, "shop", Bundle.Config(root, ["sh", "-c", Script], 42), annotation, "released nothing", "has the key");
        Assert.DoesNotContain("attest", (await broker.OwnerAsync("kb", "audit")).OrThrow("pavise kb audit").Output, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task RefusedAsync(Node node, string id, JsonObject config, string annotation, params string[] words)
    {
        CommandResult result = await node.RuntimeAsync("create", "--bundle", node.Bundle(id, config, annotation), id);
        Assert.NotEqual(0, result.ExitCode);
        Assert.All(words, w => Assert.Contains(w, result.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("canary", result.Error, StringComparison.Ordinal);
    }

    private static async Task<(string File, string Annotation, string Root)> PolicyAsync(Node node, KeyBroker broker, int version, string? attestation = null)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string file = Path.Combine(node.Folder, $"policy-{version}.yaml");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: shop, version: {{version}} }
            sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process: { args: [sh, -c, "{{Script}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: 42, gid: 42 } }
                exec: [{ args: [sh, -c, "echo $TOKEN"], output: host }]
                stdio: { stdin: none, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
            secrets:
              - { resource: "{{Password}}", to: { container: main, file: /run/secrets/password, mode: "0440" } }
              - { resource: "{{Token}}", to: { container: main, env: TOKEN } }
            host: { errors: detailed }
            {{(attestation ?? broker.PolicyLines).TrimEnd()}}
              tees: [sim]

            """);
        return (file, await Owner.AnnotationAsync(await File.ReadAllTextAsync(file)), root);
    }
}
