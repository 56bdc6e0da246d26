using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>
/// No secret byte where the host can see: what crossed the vsock device, the memory that the guest shares, the memory of the visor and of QEMU but for the guest's own, what QEMU
/// said, logs, state, bundles, images. That the search would find one is shown each time: it finds it in the guest's memory, and finds in the shared places what did pass there.
/// </summary>
public sealed class CanarySecretTests : IDisposable
{
    private const string File_ = "kbs:///shop/secrets/file", Variable = "kbs:///shop/secrets/variable", Seal = "kbs:///shop/keys/seal";
    private const string Script = "echo $MARKER; wc -c < /run/secrets/file; printf %s $VARIABLE | wc -c; printf %s $SEALED | wc -c; sleep 1000";

    private readonly Canary file = Canary.Random(), variable = Canary.Random(), sealedValue = Canary.Random(), marker = Canary.Random();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pavise-canary-");

    private string Record => Path.Combine(folder.FullName, "record");

    private IEnumerable<Canary> Secrets => [file, variable, sealedValue];

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Secrets_that_a_container_uses_are_in_the_guests_memory_and_in_no_place_that_the_host_sees()
    {
        await using Node node = new("tcg", extra: $"[qemu]\nvsock_record = \"{Record}\"");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, JsonObject config, string annotation) = await PolicyAsync(broker);
        await AllowAsync(broker, policy);
        config["process"]!["env"]!.AsArray().Add($"SEALED={await SealAsync(broker, policy)}");
        config["process"]!["env"]!.AsArray().Add($"MARKER={marker.Text}");

        string log = Path.Combine(node.Folder, "log");
        CommandResult run = await node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", node.Bundle("shop", config, annotation), "shop");
        run.OrThrow(await File.ReadAllTextAsync(log));
        for (int i = 0; i < 100 && (await File.ReadAllLinesAsync(log)).Length < 4; i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal([marker.Text, "40", "40", "40"], await File.ReadAllLinesAsync(log)); // It has all three.
        SharedMemory guest = SharedMemory.Of(node, "shop");
        foreach (Canary secret in Secrets)
        {
            HostSearch own = new(secret);
            own.Part("guest memory", guest.Memory, 0, guest.MemoryBytes);
            Assert.NotEmpty(own.Found);
            Assert.Empty((await SearchAsync(secret, node, guest)).Found);
        }

        // What passes the boundary in the clear, the same search finds where it has to be.
        HostSearch passed = await SearchAsync(marker, node, guest);
        Assert.Contains(passed.Found, f => f.StartsWith("shared memory", StringComparison.Ordinal));
        Assert.Contains(passed.Found, f => f.StartsWith("vsock 3:", StringComparison.Ordinal));
        Assert.Contains(passed.Found, f => f.StartsWith(log, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_that_fails_after_some_secrets_were_released_leaves_none_of_them()
    {
        await using Node node = new("tcg", extra: $"[qemu]\nvsock_record = \"{Record}\"");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, JsonObject config, string annotation) = await PolicyAsync(broker);
        string[] rules = await AllowAsync(broker, policy);
        config["process"]!["env"]!.AsArray().Add($"SEALED={await SealAsync(broker, policy)}");
        config["process"]!["env"]!.AsArray().Add($"MARKER={marker.Text}");
        (await broker.OwnerAsync("kb", "revoke", rules[1])).OrThrow("pavise kb revoke");

        string log = Path.Combine(node.Folder, "log");
        Assert.NotEqual(0, (await node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", node.Bundle("shop", config, annotation), "shop")).ExitCode);
        Assert.Contains("released nothing", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        string audit = (await broker.OwnerAsync("kb", "audit")).OrThrow("pavise kb audit").Output;
        Assert.True(audit.Contains("shop/secrets/file#1 by rule", StringComparison.Ordinal), audit);
        foreach (Canary secret in Secrets)
        {
            Assert.Empty((await SearchAsync(secret, node, null)).Found);
        }

        Assert.NotEmpty((await SearchAsync(marker, node, null)).Found); // The bundle has it.
    }

    /// <summary>Everything of the node; the broker and the owner's folder are not the host's.</summary>
    private async Task<HostSearch> SearchAsync(Canary secret, Node node, SharedMemory? guest)
    {
        HostSearch search = new(secret);
        await search.FolderAsync(node.Folder);
        search.File(Record);
        foreach ((string name, byte[] bytes) in SharedMemory.Streams(Record))
        {
            search.Content(name, bytes);
        }

        if (guest is not null)
        {
            search.Memory(guest.Visor);
            search.Memory(guest.Vmm);
            search.Part("shared memory", guest.Memory, guest.PoolStart, guest.PoolBytes);
        }

        return search;
    }

    private async Task<string[]> AllowAsync(KeyBroker broker, string policy)
    {
        string measurement = (string)JsonNode.Parse((await Owner.PaviseAsync("measure", Tree.Guest("development"), "--machine", "tcg", "--json")).OrThrow("pavise measure").Output)!["measurements"]![0]!["digest"]!;
        List<string> rules = [];
        foreach ((string resource, string content) in new[] { (File_, file.Text), (Variable, variable.Text), (Seal, "an envelope's key has 32 bytes..") })
        {
            string source = Path.Combine(folder.FullName, "content");
            await File.WriteAllTextAsync(source, content);
            (await broker.OwnerAsync("kb", "put", resource, source)).OrThrow("pavise kb put");
            rules.Add((await broker.OwnerAsync("kb", "allow", resource, "--policy", policy, "--measurement", measurement, "--tee", "sim")).OrThrow("pavise kb allow").Output.Split(' ', ':')[1]);
        }

        return [.. rules];
    }

    private async Task<string> SealAsync(KeyBroker broker, string policy)
    {
        string source = Path.Combine(folder.FullName, "content");
        await File.WriteAllTextAsync(source, sealedValue.Text);
        return (await broker.OwnerAsync("secret", "seal", policy, source, "--env", "SEALED")).OrThrow("pavise secret seal").Output.Trim();
    }

    private async Task<(string File, JsonObject Config, string Annotation)> PolicyAsync(KeyBroker broker)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string policy = Path.Combine(folder.FullName, "policy.yaml");
        await File.WriteAllTextAsync(policy, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: shop, version: 1 }
            sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
            {{(await broker.OwnerAsync("owner", "show")).OrThrow("pavise owner show").Output.TrimEnd()}}
                may: [seal]
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process:
                  args: [sh, -c, "{{Script}}"]
                  env: { PATH: "/bin", MARKER: { from: host, matches: "[0-9a-f]+" }, SEALED: { from: host, sealed: ["{{Seal}}"], required: true } }
                  cwd: /
                  user: { uid: 42, gid: 42 }
                stdio: { stdin: none, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
            secrets:
              - { resource: "{{File_}}", to: { container: main, file: /run/secrets/file, mode: "0440" } }
              - { resource: "{{Variable}}", to: { container: main, env: VARIABLE } }
            host: { errors: detailed }
            {{broker.PolicyLines.TrimEnd()}}
              tees: [sim]

            """);
        return (policy, Bundle.Config(root, ["sh", "-c", Script], 42, env: ["PATH=/bin"]), await Owner.AnnotationAsync(await File.ReadAllTextAsync(policy)));
    }
}
