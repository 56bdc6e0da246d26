using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>Pavise's own shim under a stock containerd, driven by ctr: what it shows and what it refuses.</summary>
public sealed class ShimTests
{
    private const string Runtime = "io.containerd.pavise.v2";
    private const string Sleep = "[sleep, \"1000\"]";

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Redis_runs_from_containerds_snapshot_answers_execs_and_stops_on_TERM_with_status_0(string machine)
    {
        await using Node node = new(machine);
        await using Containerd containerd = await Containerd.StartAsync(node);
        (_, string layout) = await RedisImage.BuildAsync(Path.Combine(Tree.Cache, "redis"));
        string image = await containerd.ImportAsync(layout, "docker.io/library/redis");
        string annotation = await Owner.AnnotationAsync(RedisPolicy(await Owner.RootHashAsync(layout)));

        (await containerd.RunAsync("run", "--detach", "--runtime", Runtime, "--annotation", $"dev.pavise.policy={annotation}", image, "redis")).OrThrow("ctr run");
        ShimPlaces places = await ShimPlaces.OfAsync(containerd, "redis");
        await ReadyAsync(containerd);
        Assert.Equal("OK", (await ExecAsync(containerd, "redis", "redis-cli", "set", "a", "1")).OrThrow("set").Output.Trim());
        CommandResult refused = await ExecAsync(containerd, "redis", "redis-cli", "flushall");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("refused by the owner's policy, decision", refused.Error, StringComparison.Ordinal);
        (await containerd.RunAsync("tasks", "kill", "--signal", "TERM", "redis")).OrThrow("kill");
        await containerd.WaitAsync("redis", "STOPPED");
        (await containerd.RunAsync("tasks", "delete", "redis")).OrThrow("a deletion whose exit code is the task's");
        (await containerd.RunAsync("containers", "delete", "redis")).OrThrow("container delete");
        await places.AssertGoneAsync();
    }

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Both_streams_input_and_exit_codes_are_the_processes_own(string machine)
    {
        await using Node node = new(machine);
        await using Containerd containerd = await Containerd.StartAsync(node);
        const string script = "read line; echo out $line; echo err >&2; exit 3";
        CommandResult result = await RunAsync(containerd, "c", $"[sh, -c, \"{script}\"]", stdin: "words\n", "sh", "-c", script);
        Assert.Equal((3, "out words\n", "err\n"), (result.ExitCode, result.Output, result.Error));

        (await RunDetachedAsync(containerd, "d", "exec: [{ args: [cat], stdin: host, output: host }, { args: [sh, -c, exit 5], output: host }]")).OrThrow("ctr run");
        Assert.Equal((0, "piped\n"), await containerd.RunAsync("piped\n", ["tasks", "exec", "--exec-id", "e1", "d", "cat"]) is var cat ? (cat.ExitCode, cat.Output) : default);
        Assert.Equal(5, (await containerd.RunAsync("tasks", "exec", "--exec-id", "e2", "d", "sh", "-c", "exit 5")).ExitCode);
        (await containerd.RunAsync("tasks", "kill", "--signal", "KILL", "d")).OrThrow("kill");
        await containerd.WaitAsync("d", "STOPPED");
        Assert.Contains("exit code 137", (await containerd.RunAsync("tasks", "delete", "d")).Both, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_is_a_terminal_with_the_users_size()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync(node);
        (await RunDetachedAsync(containerd, "c", "exec: [{ args: [sh, -c, \"tty; stty size; read x; exit 4\"], terminal: true, stdin: host, output: host }]")).OrThrow("ctr run");
        CommandResult result = await Command.RunAsync("script", ["-qec", $"stty rows 31 cols 97; ctr --address {containerd.Socket} tasks exec --tty --exec-id t c sh -c 'tty; stty size; read x; exit 4'", "/dev/null"], TimeSpan.FromMinutes(1), "\n");
        Assert.Contains("/dev/pts/", result.Output, StringComparison.Ordinal);
        Assert.Equal(4, result.ExitCode);
    }

    [Fact]
    public async Task Pausing_is_what_the_policy_says()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync(node);
        (await RunDetachedAsync(containerd, "may", host: "pause: allow")).OrThrow("ctr run");
        (await containerd.RunAsync("tasks", "pause", "may")).OrThrow("pause");
        Assert.Equal("PAUSED", await containerd.StatusAsync("may"));
        (await containerd.RunAsync("tasks", "resume", "may")).OrThrow("resume");
        Assert.Equal("RUNNING", await containerd.StatusAsync("may"));

        (await RunDetachedAsync(containerd, "not", host: "pause: refuse")).OrThrow("ctr run");
        Assert.Contains("refused by the owner's policy", (await containerd.RunAsync("tasks", "pause", "not")).Error, StringComparison.Ordinal);
        Assert.Equal("RUNNING", await containerd.StatusAsync("not"));
        Assert.Contains("never", (await containerd.RunAsync("tasks", "checkpoint", "may")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_of_a_pVM_are_the_guests()
    {
        await using Node node = new("tcg");
        await using Containerd containerd = await Containerd.StartAsync(node);
        (await RunDetachedAsync(containerd, "c", host: "stats: exact")).OrThrow("ctr run");
        string[] rows = (await containerd.RunAsync("tasks", "metrics", "c")).OrThrow("metrics").Output.Split('\n');
        ulong Of(params string[] names) => rows.Select(r => r.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length == 2 && names.Contains(w[0])).Select(w => ulong.Parse(w[1])).Single();
        Assert.InRange(Of("memory.usage_in_bytes", "memory.usage"), 10_000UL, 256UL << 20);
        Assert.True(Of("cpuacct.usage", "cpu.usage_usec") > 0);
        Assert.InRange(Of("pids.current"), 1UL, 10UL);
    }

    [Fact]
    public async Task A_container_without_a_policy_is_refused_in_words_and_leaves_nothing()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync(node);
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        CommandResult result = await containerd.RunAsync("run", "--rm", "--rootfs", "--runtime", Runtime, root, "c", "true");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("this container has no policy", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(containerd.Bundle("c")));
        Assert.DoesNotContain(Directory.GetFiles("/proc", "cmdline", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, IgnoreInaccessible = true }).Select(ReadQuietly), c => c.Contains($"-address\0{containerd.Socket}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_configuration_that_containerd_passes_on_is_used()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync();
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string other = Path.Combine(node.Folder, "other.toml");
        await File.WriteAllTextAsync(other, "machine = \"no such machine\"\n");
        CommandResult result = await containerd.RunAsync("run", "--rm", "--rootfs", "--runtime", Runtime, "--runtime-config-path", other, root, "c", "true");
        Assert.Contains("other.toml", result.Error, StringComparison.Ordinal);
    }

    private static string ReadQuietly(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task ReadyAsync(Containerd containerd)
    {
        CommandResult last = new(0, "", "");
        for (int i = 0; i < 300; i++)
        {
            last = await ExecAsync(containerd, "redis", "redis-cli", "ping");
            if (last.Output.Trim() == "PONG")
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"redis does not answer: {last.Both}");
    }

    private static Task<CommandResult> ExecAsync(Containerd containerd, string id, params string[] command) =>
        containerd.RunAsync(["tasks", "exec", "--exec-id", $"e{Guid.NewGuid():N}", id, .. command]);

    private static async Task<CommandResult> RunAsync(Containerd containerd, string id, string args, string? stdin, params string[] command)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        return await containerd.RunAsync(stdin, ["run", "--rm", "--rootfs", "--runtime", Runtime, "--annotation", $"dev.pavise.policy={await BusyboxAsync(args)}", root, id, .. command]);
    }

    internal static async Task<CommandResult> RunDetachedAsync(Containerd containerd, string id, string more = "", string host = "pause: allow", string args = Sleep, params string[] command)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        return await containerd.RunAsync(["run", "--detach", "--rootfs", "--runtime", Runtime, "--annotation", $"dev.pavise.policy={await BusyboxAsync(args, more, host)}", root, id, .. command.Length > 0 ? command : ["sleep", "1000"]]);
    }

    private static async Task<string> BusyboxAsync(string args, string more = "", string host = "pause: allow")
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        return await Owner.AnnotationAsync($$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: busybox, version: 1 }
            sandbox: { hostname: any, memory: 256Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process: { args: {{args}}, env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
                stdio: { stdin: host, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
                {{more}}
            host: { processes: names, errors: detailed, {{host}} }
            attestation: { tees: [sim] }
            """);
    }

    private static string RedisPolicy(string rootHash) => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: redis, version: 1 }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: redis
            image: { rootfs: "{{rootHash}}" }
            process:
              args: [redis-server, --save, "", --dir, /data]
              env: { PATH: "/usr/bin:/bin" }
              cwd: /data
              user: { uid: {{RedisImage.Uid}}, gid: {{RedisImage.Uid}} }
            mounts: [{ path: /data, volume: data }]
            exec:
              - { args: [redis-cli, ping], output: host }
              - { args: [redis-cli, set, a, "1"], output: host }
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        volumes:
          data: { kind: memory, size: 64Mi }
        attestation: { tees: [sim] }
        """;
}
