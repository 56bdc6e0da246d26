using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>
/// The behaviours of the OCI runtime specification (1.0.2, runtime.md and config-linux.md), in unshielded mode on the process machine.
/// Each is first proved on runc by the same test, so that a test that no runtime could pass is seen.
/// </summary>
public sealed class ConformanceTests
{
    private static readonly string[] Runtimes = ["runc", "pavise-runtime"];

    public static TheoryData<string> Subjects => [.. Runtimes];

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task A_container_goes_through_created_running_stopped_and_is_gone_after_delete(string runtime)
    {
        await using Subject subject = new(runtime);
        string bundle = subject.Bundle(await subject.ConfigAsync("sh", "-c", "echo started; sleep 1000"));
        string output = subject.File("output");

        (await subject.ToFileAsync(output, "create", "--bundle", bundle, "--pid-file", subject.File("pid"), "c")).OrThrow("create");
        Assert.Equal("created", await subject.StatusAsync("c"));
        Assert.DoesNotContain("started", await File.ReadAllTextAsync(output), StringComparison.Ordinal);
        JsonNode state = JsonNode.Parse((await subject.RunAsync("state", "c")).Output)!;
        Assert.Equal("c", (string?)state["id"]);
        Assert.Equal(bundle, (string?)state["bundle"]);
        Assert.StartsWith("1.", (string?)state["ociVersion"], StringComparison.Ordinal);
        Assert.Equal((await File.ReadAllTextAsync(subject.File("pid"))).Trim(), state["pid"]!.ToString());
        Assert.True(Directory.Exists($"/proc/{state["pid"]}"));

        (await subject.RunAsync("start", "c")).OrThrow("start");
        await subject.WaitAsync("c", "running");
        // Start does not wait for the process's first words, with runc neither.
        for (int i = 0; i < 100 && !(await File.ReadAllTextAsync(output)).Contains("started", StringComparison.Ordinal); i++)
        {
            await Task.Delay(50);
        }

        (await subject.RunAsync("kill", "c", "KILL")).OrThrow("kill");
        await subject.WaitAsync("c", "stopped");
        Assert.Contains("started", await File.ReadAllTextAsync(output), StringComparison.Ordinal);
        (await subject.RunAsync("delete", "c")).OrThrow("delete");
        Assert.NotEqual(0, (await subject.RunAsync("state", "c")).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task An_id_in_use_is_refused_and_free_again_after_delete(string runtime)
    {
        await using Subject subject = new(runtime);
        string bundle = subject.Bundle(await subject.ConfigAsync("sleep", "1000"));
        (await subject.ToFileAsync("/dev/null", "create", "--bundle", bundle, "c")).OrThrow("create");
        Assert.NotEqual(0, (await subject.ToFileAsync("/dev/null", "create", "--bundle", bundle, "c")).ExitCode);
        Assert.Equal("created", await subject.StatusAsync("c"));
        (await subject.RunAsync("delete", "--force", "c")).OrThrow("delete");
        (await subject.ToFileAsync("/dev/null", "create", "--bundle", bundle, "c")).OrThrow("create again");
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Operations_in_the_wrong_state_fail_and_change_nothing(string runtime)
    {
        await using Subject subject = new(runtime);
        string bundle = subject.Bundle(await subject.ConfigAsync("sleep", "1000"));
        foreach (string verb in new[] { "start", "state", "delete" })
        {
            Assert.NotEqual(0, (await subject.RunAsync(verb, "absent")).ExitCode);
        }

        Assert.NotEqual(0, (await subject.RunAsync("kill", "absent", "TERM")).ExitCode);
        (await subject.ToFileAsync("/dev/null", "create", "--bundle", bundle, "c")).OrThrow("create");
        (await subject.RunAsync("start", "c")).OrThrow("start");
        Assert.NotEqual(0, (await subject.RunAsync("start", "c")).ExitCode);
        Assert.NotEqual(0, (await subject.RunAsync("delete", "c")).ExitCode);
        Assert.Equal("running", await subject.StatusAsync("c"));
        (await subject.RunAsync("kill", "c", "9")).OrThrow("kill");
        await subject.WaitAsync("c", "stopped");
        Assert.NotEqual(0, (await subject.RunAsync("kill", "c", "9")).ExitCode);
        Assert.NotEqual(0, (await subject.RunAsync("start", "c")).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task A_created_container_can_be_killed_and_deleted(string runtime)
    {
        await using Subject subject = new(runtime);
        (await subject.ToFileAsync("/dev/null", "create", "--bundle", subject.Bundle(await subject.ConfigAsync("sleep", "1000")), "c")).OrThrow("create");
        (await subject.RunAsync("kill", "c", "KILL")).OrThrow("kill");
        await subject.WaitAsync("c", "stopped");
        (await subject.RunAsync("delete", "c")).OrThrow("delete");
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Exit_status_of_the_process_is_the_exit_status_of_run(string runtime)
    {
        await using Subject subject = new(runtime);
        foreach ((string script, int status) in new[] { ("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$; sleep 9", 143) })
        {
            // A first process is not ended by a signal it has no handler for, so the script runs one level below.
            JsonObject config = await subject.ConfigAsync("sh", "-c", $"sh -c '{script}'; exit $?");
            Assert.Equal(status, (await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c")).ExitCode);
        }
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task The_process_gets_args_env_cwd_user_hostname_rlimits_umask_and_groups_of_the_configuration(string runtime)
    {
        await using Subject subject = new(runtime);
        JsonObject config = await subject.ConfigAsync("sh", "-c", "echo \"$0|$1|$VALUE|$(pwd)|$(id -u):$(id -g):$(id -G)|$(hostname)|$(ulimit -n)|$(umask)\"", "zero", "one two");
        config["process"]!["env"]!.AsArray().Add("VALUE=a b=c");
        config["process"]!["cwd"] = "/data";
        config["process"]!["user"] = new JsonObject { ["uid"] = 65534, ["gid"] = 65534, ["additionalGids"] = new JsonArray(7, 8), ["umask"] = 63 };
        config["process"]!["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_NOFILE", ["soft"] = 321, ["hard"] = 321 });
        config["hostname"] = "conforming";
        CommandResult result = (await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c")).OrThrow("run");
        Assert.Equal("zero|one two|a b=c|/data|65534:65534:65534 7 8|conforming|321|0077", result.Output.Trim());
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Capabilities_no_new_privileges_and_oom_score_are_those_of_the_configuration(string runtime)
    {
        await using Subject subject = new(runtime);
        JsonObject config = await subject.ConfigAsync("sh", "-c", "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; cat /proc/self/oom_score_adj");
        foreach (string set in new[] { "bounding", "effective", "permitted" })
        {
            config["process"]!["capabilities"]![set] = new JsonArray("CAP_CHOWN", "CAP_KILL");
        }

        config["process"]!["oomScoreAdj"] = 500;
        string output = (await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c")).OrThrow("run").Output;
        Assert.Contains("CapEff:\t0000000000000021", output, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t0000000000000021", output, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", output, StringComparison.Ordinal);
        Assert.EndsWith("500", output.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Root_is_read_only_where_the_configuration_says_so_and_writable_otherwise(string runtime)
    {
        await using Subject subject = new(runtime);
        JsonObject config = await subject.ConfigAsync("sh", "-c", "touch /data/x && echo written || echo refused");
        Assert.Contains("refused", (await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c")).Output, StringComparison.Ordinal);
        if (runtime != "runc")
        {
            // Not with runc: it would write into the shared root folder.
            config["root"]!["readonly"] = false;
            Assert.Contains("written", (await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c")).Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Masked_and_read_only_paths_mounts_and_sysctls_are_those_of_the_configuration(string runtime)
    {
        await using Subject subject = new(runtime);
        JsonObject config = await subject.ConfigAsync("sh", "-c", "wc -c < /proc/keys; echo 1 > /proc/sys/vm/drop_caches || echo read-only; cat /proc/sys/kernel/shm_rmid_forced; touch /scratch/x && grep -c ' /scratch tmpfs' /proc/self/mounts");
        config["linux"]!["sysctl"] = new JsonObject { ["kernel.shm_rmid_forced"] = "1" };
        JsonArray mounts = config["mounts"]!.AsArray();
        mounts.Add(new JsonObject { ["destination"] = "/data", ["type"] = "tmpfs", ["source"] = "tmpfs", ["options"] = new JsonArray("nosuid", "nodev", "size=1m") });
        config["process"]!["args"]![2] = ((string)config["process"]!["args"]![2]!).Replace("/scratch", "/data", StringComparison.Ordinal);
        string[] lines = (await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c")).OrThrow("run").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["0", "read-only", "1", "1"], lines);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Seccomp_rules_of_the_configuration_hold(string runtime)
    {
        await using Subject subject = new(runtime);
        JsonObject config = await subject.ConfigAsync("sh", "-c", "mkdir /data/x 2>&1 || true");
        config["linux"]!["seccomp"] = new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["architectures"] = new JsonArray("SCMP_ARCH_X86_64"),
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = new JsonArray("mkdir", "mkdirat"), ["action"] = "SCMP_ACT_ERRNO", ["errnoRet"] = 95 }),
        };
        Assert.Contains("not supported", (await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task A_process_that_cannot_be_executed_is_an_error_that_names_it_and_leaves_nothing(string runtime)
    {
        await using Subject subject = new(runtime);
        CommandResult result = await subject.RunAsync("run", "--bundle", subject.Bundle(await subject.ConfigAsync("/no/such/program")), "c");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("/no/such/program", result.Both, StringComparison.Ordinal);
        Assert.DoesNotContain("c", (await subject.RunAsync("list", "--quiet")).Output.Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Exec_runs_a_further_process_with_its_own_status_env_cwd_and_user(string runtime)
    {
        await using Subject subject = new(runtime);
        (await subject.ToFileAsync("/dev/null", "run", "--detach", "--bundle", subject.Bundle(await subject.ConfigAsync("sleep", "1000")), "c")).OrThrow("run");
        CommandResult result = await subject.RunAsync("exec", "--env", "E=1", "--cwd", "/data", "--user", "65534:65534", "c", "sh", "-c", "echo \"$E $(pwd) $(id -u)\"; echo bad >&2; exit 3");
        Assert.Equal((3, "1 /data 65534", "bad"), (result.ExitCode, result.Output.Trim(), result.Error.Trim()));
        JsonObject process = new()
        {
            ["args"] = new JsonArray("sh", "-c", "echo from-file"),
            ["cwd"] = "/",
            ["env"] = new JsonArray("PATH=/bin"),
            ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
        };
        await File.WriteAllTextAsync(subject.File("process.json"), process.ToJsonString());
        Assert.Equal("from-file", (await subject.RunAsync("exec", "--process", subject.File("process.json"), "c")).Output.Trim());
        Assert.NotEqual(0, (await subject.RunAsync("exec", "c", "/no/such/program")).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Standard_input_reaches_the_process_and_its_end_is_seen(string runtime)
    {
        await using Subject subject = new(runtime);
        string bundle = subject.Bundle(await subject.ConfigAsync("sh", "-c", "wc -c"));
        string input = subject.File("input");
        await File.WriteAllBytesAsync(input, new byte[300_000]);
        CommandResult result = await Command.RunAsync("/bin/sh", ["-c", $"exec \"$@\" < {input}", "sh", runtime == "runc" ? "runc" : Tree.Bin(runtime), .. subject.Prefix(), "run", "--bundle", bundle, "c"], TimeSpan.FromMinutes(1), environment: subject.Environment());
        Assert.Equal("300000", result.Output.Trim());
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Malformed_bundles_are_refused_with_the_field(string runtime)
    {
        await using Subject subject = new(runtime);
        JsonObject noArgs = await subject.ConfigAsync("true");
        noArgs["process"]!["args"] = new JsonArray();
        Assert.NotEqual(0, (await subject.RunAsync("run", "--bundle", subject.Bundle(noArgs), "c")).ExitCode);
        JsonObject noRoot = await subject.ConfigAsync("true");
        noRoot["root"]!["path"] = "/no/such/folder";
        Assert.NotEqual(0, (await subject.RunAsync("run", "--bundle", subject.Bundle(noRoot), "c")).ExitCode);
        await File.WriteAllTextAsync(Path.Combine(subject.Bundle(noRoot), "config.json"), "{ not json");
        Assert.NotEqual(0, (await subject.RunAsync("run", "--bundle", subject.File("bundle"), "c")).ExitCode);
        Assert.NotEqual(0, (await subject.RunAsync("run", "--bundle", subject.File("absent"), "c")).ExitCode);
        Assert.Equal("", (await subject.RunAsync("list", "--quiet")).Output.Trim());
    }

    [Fact]
    public async Task Hooks_are_refused_in_unshielded_mode_too()
    {
        await using Subject subject = new("pavise-runtime");
        JsonObject config = await subject.ConfigAsync("true");
        config["hooks"] = new JsonObject { ["prestart"] = new JsonArray(new JsonObject { ["path"] = "/bin/true" }) };
        CommandResult result = await subject.RunAsync("run", "--bundle", subject.Bundle(config), "c");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("hooks", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unshielded_mode_is_named_in_the_state()
    {
        await using Subject subject = new("pavise-runtime");
        (await subject.ToFileAsync("/dev/null", "create", "--bundle", subject.Bundle(await subject.ConfigAsync("sleep", "1000")), "c")).OrThrow("create");
        JsonNode state = JsonNode.Parse((await subject.RunAsync("state", "c")).Output)!;
        Assert.Equal("false", (string?)state["annotations"]!["dev.pavise.shielded"]);
    }
}
