using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The owner's commands against real pVMs, through carriers that know nothing of it.</summary>
public sealed class OwnerSessionTests
{
    private const string Canary = "canary-session-51d0", Typed = "canary-typed-77aa", Copied = "canary-copied-0b1c";
    private const string Script = $"echo {Canary}; sleep 1000";

    private static readonly string[] Expectations = ["--tee", "sim", "--any", "measurement"];

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Every_verb_works_through_the_runtimes_exec_and_nothing_of_it_is_in_the_hosts_files(string machine)
    {
        await using Node node = new(machine);
        (string policy, string annotation, string root, string home) = await PolicyAsync(node.Folder);
        string log = Path.Combine(node.Folder, "log");
        CommandResult started = await node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", node.Bundle("shop", Bundle.Config(root, ["sh", "-c", Script], 42), annotation), "shop");
        started.OrThrow($"{machine}: {await File.ReadAllTextAsync(log)}");
        string via = $"{Tree.Bin("pavise-runtime")} --root {node.State} exec";
        Task<CommandResult> PaviseAsync(string? input, params string[] arguments) =>
            Command.RunAsync(Tree.Bin("pavise"), [.. arguments, "--via", via, "--config", home, "--policy", policy, .. Expectations], TimeSpan.FromMinutes(3), input, environment: node.Environment);

        CommandResult run = await Command.RunAsync(Tree.Bin("pavise"), ["exec", "-i", "--via", via, "--config", home, "--policy", policy, .. Expectations, "shop", "--", "sh", "-c", "read x; echo got $x; id -u; exit 5"], TimeSpan.FromMinutes(3), Typed + "\n", environment: node.Environment);
        Assert.Equal($"got {Typed}\n42", run.Output.Trim());
        Assert.Equal(5, run.ExitCode);
        Assert.Contains(Canary, (await PaviseAsync(null, "logs", "shop")).OrThrow("logs").Output, StringComparison.Ordinal);
        Assert.Contains("sleep", (await PaviseAsync(null, "ps", "shop")).OrThrow("ps").Output, StringComparison.Ordinal);
        (await PaviseAsync(null, "stats", "shop")).OrThrow("stats");
        Assert.Contains("chained without a break", (await PaviseAsync(null, "audit", "verify", "shop")).OrThrow("audit verify").Output, StringComparison.Ordinal);

        byte[] content = [.. System.Text.Encoding.ASCII.GetBytes(Copied), .. RandomNumberGenerator.GetBytes(machine == "tcg" ? 2_000_000 : 20_000_000)];
        string local = Directory.CreateTempSubdirectory("pavise-owner-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(local, "there"), content);
            (await PaviseAsync(null, "cp", Path.Combine(local, "there"), "shop:/data/file")).OrThrow("cp to the pod");
            (await PaviseAsync(null, "cp", "shop:/data/file", Path.Combine(local, "back"))).OrThrow("cp from the pod");
            Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(local, "back")));
        }
        finally
        {
            Directory.Delete(local, recursive: true);
        }

        // What the host got of the output are lines that the owner opens.
        Assert.Contains(await File.ReadAllLinesAsync(log), l => l.StartsWith("pavise1.h.", StringComparison.Ordinal));
        CommandResult open = await Command.RunAsync(Tree.Bin("pavise"), ["logs", "open", log, "--config", home, "--policy", policy, .. Expectations]);
        Assert.Equal(Canary, open.OrThrow("logs open").Output.Trim());
        CommandResult wrong = await Command.RunAsync(Tree.Bin("pavise"), ["logs", "open", log, "--config", home, "--policy", policy, "--tee", "sim", "--measurement", new string('0', 96)]);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("measurement: failed", wrong.Error, StringComparison.Ordinal);

        // An exec of the host is refused under a number that the owner looks up.
        CommandResult refused = await node.RuntimeAsync("exec", "shop", "id");
        Assert.NotEqual(0, refused.ExitCode);
        string number = refused.Error.Split("decision ")[1][..8];
        Assert.Contains("containers[main].exec", (await PaviseAsync(null, "audit", "show", "shop", number)).OrThrow("audit show").Output, StringComparison.Ordinal);

        // A pVM that is not the expected one hears nothing.
        CommandResult foreign = await Command.RunAsync(Tree.Bin("pavise"), ["ps", "shop", "--via", via, "--config", home, "--policy", policy, "--tee", "sim", "--measurement", new string('0', 96)], TimeSpan.FromMinutes(3), environment: node.Environment);
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("nothing was sent", foreign.Error, StringComparison.Ordinal);
        Assert.Contains("measurement: failed", foreign.Error, StringComparison.Ordinal);

        foreach (string file in Directory.EnumerateFiles(node.State, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device }).Append(log).Where(f => machine == "tcg" && !f.EndsWith(".sock", StringComparison.Ordinal)))
        {
            string text = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            Assert.All((string[])[Canary, Typed, Copied], c => Assert.DoesNotContain(c, text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Ctr_carries_a_session_and_a_copy_through_containerd_and_the_shim()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync(node);
        (string policy, string annotation, string root, string home) = await PolicyAsync(containerd.Folder, 0);
        (await containerd.RunAsync("run", "--detach", "--rootfs", "--runtime", "io.containerd.pavise.v2", "--annotation", $"dev.pavise.policy={annotation}", root, "shop", "sh", "-c", Script)).OrThrow("ctr run");
        string[] common = ["--via", $"ctr --address {containerd.Socket} task exec --exec-id {{id}}", "--config", home, "--policy", policy, .. Expectations];
        CommandResult run = await Command.RunAsync(Tree.Bin("pavise"), ["exec", "-i", .. common, "shop", "--", "sh", "-c", "read x; echo got $x; exit 6"], TimeSpan.FromMinutes(1), Typed + "\n");
        Assert.Equal($"got {Typed}", run.Output.Trim());
        Assert.Equal(6, run.ExitCode);
        string file = Path.Combine(containerd.Folder, "content");
        byte[] content = RandomNumberGenerator.GetBytes(30_000_000);
        await File.WriteAllBytesAsync(file, content);
        (await Command.RunAsync(Tree.Bin("pavise"), ["cp", file, "shop:/data/", .. common])).OrThrow("cp to the pod");
        (await Command.RunAsync(Tree.Bin("pavise"), ["cp", "shop:/data/content", file + ".back", .. common])).OrThrow("cp from the pod");
        Assert.Equal(content, await File.ReadAllBytesAsync(file + ".back"));
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task Engines_carry_sessions_and_their_log_files_hold_lines_that_the_owner_opens(string engine)
    {
        await using Node node = new("process");
        (string policy, string annotation, _, string home) = await PolicyAsync(node.Folder, 0);
        string compiled = Path.Combine(node.Folder, "policy.json"), archive = Path.Combine(node.Folder, "image.tar");
        (await Owner.PaviseAsync("policy", "compile", policy, "--output", compiled)).OrThrow("policy compile");
        (_, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        (await Command.RunAsync("skopeo", ["copy", "--quiet", $"oci:{layout}:latest", $"docker-archive:{archive}:localhost/shop:latest"])).OrThrow("skopeo copy");
        string[] run = ["--detach", "--name", "shop", "--network", engine == "docker" ? "host" : "none", "--user", "0:0", "--workdir", "/"];
        if (engine == "docker")
        {
            await using Docker docker = await Docker.StartAsync(node, compiled);
            (await docker.RunAsync("load", "--quiet", "--input", archive)).OrThrow("docker load");
            (await docker.RunAsync(["run", .. run, "--runtime", "pavise", "localhost/shop:latest", "sh", "-c", Script])).OrThrow("docker run");
            await SessionAsync(docker.Via, (await docker.RunAsync("inspect", "--format", "{{.LogPath}}", "shop")).OrThrow("inspect").Output.Trim());
            (await docker.RunAsync("rm", "--force", "shop")).OrThrow("docker rm");
        }
        else
        {
            await using Podman podman = new(node);
            (await podman.RunAsync("load", "--quiet", "--input", archive)).OrThrow("podman load");
            (await podman.RunAsync(["run", .. run, "--log-driver", "k8s-file", "--annotation", $"dev.pavise.policy={annotation}", "localhost/shop:latest", "sh", "-c", Script])).OrThrow("podman run");
            await SessionAsync(podman.Via, (await podman.RunAsync("inspect", "--format", "{{.HostConfig.LogConfig.Path}}", "shop")).OrThrow("inspect").Output.Trim());
        }

        async Task SessionAsync(string via, string log)
        {
            string[] common = ["--config", home, "--policy", policy, .. Expectations];
            CommandResult run = await Command.RunAsync(Tree.Bin("pavise"), ["exec", "-i", "--via", via, .. common, "shop", "--", "sh", "-c", "read x; echo got $x; exit 4"], TimeSpan.FromMinutes(1), Typed + "\n");
            Assert.Equal($"got {Typed}", run.Output.Trim());
            Assert.Equal(4, run.ExitCode);
            string text = await File.ReadAllTextAsync(log);
            Assert.Contains("pavise1.h.", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
            Assert.Equal(Canary, (await Command.RunAsync(Tree.Bin("pavise"), ["logs", "open", log, .. common])).OrThrow("logs open").Output.Trim());
        }
    }

    /// <summary>A policy with an owner whose keys are in the folder.</summary>
    private static async Task<(string File, string Annotation, string Root, string Home)> PolicyAsync(string folder, int user = 42)
    {
        string home = Path.Combine(folder, "home");
        (await Owner.PaviseAsync("owner", "init", "--name", "alice", "--config", home)).OrThrow("owner init");
        JsonNode keys = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(home, "owner.json")))!;
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string file = Path.Combine(folder, "policy.yaml");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: shop, version: 1 }
            owners:
              - { name: alice, signKey: "{{keys["signKey"]}}", sealKey: "{{keys["sealKey"]}}", may: [exec, attach, logs, copy, forward, ps, stats, audit] }
            sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process: { args: [sh, -c, "{{Script}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: {{user}}, gid: {{user}} } }
                mounts: [{ path: /data, volume: data }]
                stdio: { stdin: none, stdout: owner, stderr: owner }
                signals: [TERM, KILL]
                exit: exact
            volumes: { data: { kind: memory, size: 128Mi } }
            attestation: { tees: [sim] }

            """);
        return (file, await Owner.AnnotationAsync(await File.ReadAllTextAsync(file)), root, home);
    }
}
