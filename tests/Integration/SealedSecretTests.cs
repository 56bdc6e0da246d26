using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The host carries values that it cannot read: they open in the guest of the owner's policy, at their place, and nowhere else.</summary>
public sealed class SealedSecretTests
{
    private const string Key = "kbs:///shop/keys/seal", Kept = "kbs:///shop/secrets/kept";
    private const string Canary = "canary-sealed-31", KeptCanary = "canary-kept-88", FileCanary = "canary-file-17";
    private const string Script = "echo $PASSWORD $TOKEN; cat /run/key; echo; ls -ln /run/key; sleep 1000";

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Sealed_variables_and_files_open_in_the_guest_and_stand_nowhere_on_the_host(string machine)
    {
        await using Node node = new(machine);
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string annotation, string root) = await PolicyAsync(node, broker, "shop");
        (string password, string token, string file) = await SealedAsync(node, broker, policy);

        string log = Path.Combine(node.Folder, "log");
        (await node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", node.Bundle("shop", Config(node, root, password, token, file), annotation), "shop")).OrThrow(await Tree.TextAsync(log));
        Assert.Equal($"{Canary} {KeptCanary}", (await node.RuntimeAsync("exec", "shop", "sh", "-c", "echo $PASSWORD $TOKEN")).OrThrow("exec").Output.Trim());
        for (int i = 0; i < 100 && !(await Tree.TextAsync(log)).Contains(" 42 ", StringComparison.Ordinal); i++)
        {
            await Task.Delay(100);
        }

        string output = await Tree.TextAsync(log);
        Assert.Contains($"{Canary} {KeptCanary}\n{FileCanary}\n", output, StringComparison.Ordinal);
        Assert.Matches("-r--r-----.* 42 +42 ", output);

        IEnumerable<string> files = Directory.EnumerateFiles(node.Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device }).Where(f => f != log && !f.EndsWith(".sock", StringComparison.Ordinal));
        foreach (string other in machine == "tcg" ? files : [])
        {
            string text = await Tree.TextAsync(other);
            Assert.All([Canary, KeptCanary, FileCanary], canary => Assert.DoesNotContain(canary, text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_plain_swapped_changed_or_foreign_value_and_a_key_that_is_not_released_create_nothing_and_say_so()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string annotation, string root) = await PolicyAsync(node, broker, "shop");
        (string password, string token, string file) = await SealedAsync(node, broker, policy);
        (string other, _, _) = await PolicyAsync(node, broker, "stock");
        string foreign = await SealAsync(node, broker, other, Canary, "--env", "PASSWORD", "--resource", Key);
        int last = password.LastIndexOf('.') - 5;
        string changed = string.Concat(password.AsSpan(0, last), password[last] == 'A' ? "B" : "A", password.AsSpan(last + 1));

        Task RefusedAsync(string id, string pass, string tok, string content, string word) => SealedSecretTests.RefusedAsync(node, id, Config(node, root, pass, tok, content), annotation, word);
        await RefusedAsync("plain", "hunter2", token, file, "variables that the host may set");
        await RefusedAsync("swapped", token, password, file, "sealed for another place");
        await RefusedAsync("changed", changed, token, file, "does not hold");
        await RefusedAsync("foreign", foreign, token, file, "sealed for another place");
        await RefusedAsync("file-plain", password, token, "hunter2", "no sealed text");
        await RefusedAsync("file-swapped", password, token, password, "sealed for another place");

        // The policy lists it, the rule for it is gone: who does not use it does not miss it.
        (await broker.OwnerAsync("kb", "revoke", await RuleAsync(broker, Kept))).OrThrow("pavise kb revoke");
        await RefusedAsync("revoked", password, token, file, "was not released");
        string envelope = await SealAsync(node, broker, policy, KeptCanary, "--env", "TOKEN", "--resource", Key);
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("right", Config(node, root, password, envelope, file), annotation), "right")).OrThrow("run");
    }

    [Fact]
    public async Task Why_a_value_does_not_open_is_the_owners_to_read()
    {
        await using Node node = new("process");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string annotation, string root) = await PolicyAsync(node, broker, "shop", "redacted");
        (string password, string token, string file) = await SealedAsync(node, broker, policy);
        CommandResult result = await node.RuntimeAsync("create", "--bundle", node.Bundle("swapped", Config(node, root, token, password, file), annotation), "swapped");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("could not be carried out, decision", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("sealed", result.Error, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(Node node, string id, JsonObject config, string annotation, string word)
    {
        CommandResult result = await node.RuntimeAsync("create", "--bundle", node.Bundle(id, config, annotation), id);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(word, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", result.Error, StringComparison.Ordinal);
    }

    private static JsonObject Config(Node node, string root, string password, string token, string file)
    {
        JsonObject config = Bundle.Config(root, ["sh", "-c", Script], 42);
        config["process"]!["env"]!.AsArray().Add($"PASSWORD={password}");
        config["process"]!["env"]!.AsArray().Add($"TOKEN={token}");
        string source = Path.Combine(node.Folder, "carried-" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(source, file);
        config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/run/key", ["type"] = "bind", ["source"] = source, ["options"] = new JsonArray("rbind", "ro") });
        return config;
    }

    private static async Task<(string Password, string Token, string File)> SealedAsync(Node node, KeyBroker broker, string policy)
    {
        (await broker.OwnerAsync("kb", "put", Key, "--random", "32")).OrThrow("pavise kb put");
        (await broker.OwnerAsync("kb", "allow", Key, "--policy", policy, "--any-measurement", "--tee", "sim")).OrThrow("pavise kb allow");
        await broker.PutAsync(Kept, KeptCanary, policy);
        return (
            await SealAsync(node, broker, policy, Canary, "--env", "PASSWORD", "--resource", Key),
            (await broker.OwnerAsync("secret", "seal", policy, "--env", "TOKEN", "--resource", Kept)).OrThrow("pavise secret seal").Output.Trim(),
            await SealAsync(node, broker, policy, FileCanary, "--file", "/run/key"));
    }

    private static async Task<string> SealAsync(Node node, KeyBroker broker, string policy, string value, params string[] place)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, value);
            return (await broker.OwnerAsync(["secret", "seal", policy, file, "--container", "main", .. place])).OrThrow("pavise secret seal").Output.Trim();
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> RuleAsync(KeyBroker broker, string resource)
    {
        string rules = (await broker.OwnerAsync("kb", "rules")).OrThrow("pavise kb rules").Output;
        string line = rules.Split('\n').First(l => l.Contains(resource["kbs:///".Length..], StringComparison.Ordinal));
        return line.Split('\t')[0];
    }

    private static async Task<(string File, string Annotation, string Root)> PolicyAsync(Node node, KeyBroker broker, string name, string errors = "detailed")
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string file = Path.Combine(node.Folder, $"policy-{name}.yaml");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: {{name}}, version: 1 }
            owners: [{{await broker.OwnerLineAsync("seal")}}]
            sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process:
                  args: [sh, -c, "{{Script}}"]
                  env:
                    PATH: "/bin"
                    PASSWORD: { from: host, sealed: ["{{Key}}", "{{Kept}}"], required: true }
                    TOKEN: { from: host, sealed: ["{{Key}}", "{{Kept}}"], required: true }
                  cwd: /
                  user: { uid: 42, gid: 42 }
                mounts:
                  - { path: /run/key, from: host, required: true, sealed: ["{{Key}}"], mode: "0440" }
                exec: [{ args: [sh, -c, "echo $PASSWORD $TOKEN"], output: host }]
                stdio: { stdin: none, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
            host: { errors: {{errors}} }
            {{broker.PolicyLines.TrimEnd()}}
              tees: [sim]

            """);
        return (file, await Owner.AnnotationAsync(await File.ReadAllTextAsync(file)), root);
    }
}
