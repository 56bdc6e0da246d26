using System.Text;
using System.Text.Json.Nodes;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Policy.Json;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>Containers that a policy constructs, in the real guest, with the real launcher.</summary>
public sealed class ShieldedTests
{
    private const string Script = "grep -E '^(Cap(Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status; id -u; cat /etc/hosts; touch /data/x && echo data; touch /x || echo sealed; ls /dev/pts /sys/fs >/dev/null && echo mounted; echo bad:$LD_PRELOAD; exit 3";

    [Fact]
    public async Task A_container_is_what_the_policy_says_and_not_what_the_host_adds()
    {
        await using Sandbox sandbox = await StartAsync();
        CreateContainerResponse created = await CreateAsync(sandbox, "c");
        Assert.Equal("/etc/hosts", Assert.Single(created.Wanted).Mount);
        Assert.Equal((false, true, true), (created.Stdio.Stdin, created.Stdio.Stdout, created.Stdio.Stderr));
        await sandbox.PutAsync("c", "/etc/hosts", "", "127.0.0.1 localhost\n");
        Task<string> output = sandbox.ReadAllAsync(StreamKind.Stdout, "c");
        await sandbox.StartAsync("c");
        Assert.Equal(3u, await sandbox.WaitAsync("c"));
        string[] lines = [.. (await output).Split('\n').Select(l => l.Replace("\t", ""))];
        Assert.Equal(
            ["CapEff:0000000000000000", "CapBnd:0000000000000000", "CapAmb:0000000000000000", "NoNewPrivs:1", "Seccomp:2", "999", "127.0.0.1 localhost", "data", "sealed", "mounted", "bad:", ""],
            lines);
        Assert.Equal(3u, (await sandbox.DeleteAsync("c")).ExitStatus);
    }

    [Fact]
    public async Task A_permitted_exec_runs_confined_and_another_is_refused()
    {
        await using Sandbox sandbox = await StartAsync("exec sleep 1000");
        await CreateAsync(sandbox, "c");
        await sandbox.PutAsync("c", "/etc/hosts", "", "x");
        await sandbox.StartAsync("c");
        await sandbox.ExecAsync("c", "e", Exec("grep", "Seccomp:", "/proc/self/status"));
        Assert.Equal("Seccomp:\t2\n", await sandbox.ReadAllAsync(StreamKind.Stdout, "c", "e"));
        Assert.Equal(0u, await sandbox.WaitAsync("c", "e"));
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.ExecAsync("c", "f", Exec("sh")));
        Assert.Equal(TtrpcStatus.PermissionDenied, refused.Status);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => sandbox.OpenAsync(StreamKind.Stdin, "c"));
        refused = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.SignalAsync("c", 1));
        Assert.Equal(TtrpcStatus.PermissionDenied, refused.Status);
        await sandbox.SignalAsync("c", 9);
        Assert.Equal(137u, await sandbox.WaitAsync("c"));
    }

    [Fact]
    public async Task The_numbers_of_processes_do_not_tell_how_many_were_begun_before()
    {
        await using Sandbox sandbox = await StartAsync("true; true; true; exec sleep 1000");
        await CreateAsync(sandbox, "c");
        await sandbox.PutAsync("c", "/etc/hosts", "", "x");
        Assert.Equal(1u, (await sandbox.StartAsync("c")).Pid);
        Assert.Equal(2u, (await sandbox.ExecAsync("c", "e", Exec("grep", "Seccomp:", "/proc/self/status"))).Pid);
        Assert.Equal(3u, (await sandbox.ExecAsync("c", "f", Exec("grep", "Seccomp:", "/proc/self/status"))).Pid);
    }

    [Fact]
    public async Task A_failed_start_changes_no_state_so_that_the_entry_can_be_used_again()
    {
        await using Sandbox sandbox = await StartAsync("true");
        await CreateAsync(sandbox, "a");
        await Assert.ThrowsAsync<TtrpcException>(() => sandbox.StartAsync("a"));
        await sandbox.DeleteAsync("a", force: true);
        await CreateAsync(sandbox, "b");
        await sandbox.PutAsync("b", "/etc/hosts", "", "x");
        await sandbox.StartAsync("b");
        Assert.Equal(0u, await sandbox.WaitAsync("b"));
    }

    private static Task<CreateContainerResponse> CreateAsync(Sandbox sandbox, string id) => sandbox.CreateAsync(
        id,
        Specs.Container(["sh", "-c", Command(sandbox)], s =>
        {
            s["process"]!["cwd"] = "/data";
            s["process"]!["user"] = new JsonObject { ["uid"] = 999, ["gid"] = 999 };
            s["process"]!["env"] = new JsonArray("PATH=/bin", "LD_PRELOAD=/evil.so");
            s["process"]!["capabilities"] = new JsonObject { ["bounding"] = new JsonArray("CAP_SYS_ADMIN"), ["effective"] = new JsonArray("CAP_SYS_ADMIN") };
            s["mounts"]!.AsArray().Add(Specs.Mount("/etc/hosts", "bind", "rbind", "ro"));
        }),
        "main");

    private static string Exec(params string[] args)
    {
        JsonObject process = Specs.Process(args);
        process["cwd"] = "/data";
        process["user"] = new JsonObject { ["uid"] = 999, ["gid"] = 999 };
        return process.ToJsonString();
    }

    private static string Command(Sandbox sandbox) => JsonNode.Parse(sandbox.Policy)!["containers"]![0]!["process"]!["args"]![2]!.GetValue<string>();

    private static async Task<Sandbox> StartAsync(string script = Script)
    {
        Sandbox.SkipUnlessPossible();
        JsonObject policy = new()
        {
            ["apiVersion"] = "pavise.dev/v1",
            ["kind"] = "Policy",
            ["metadata"] = new JsonObject { ["name"] = "test", ["version"] = 1 },
            ["sandbox"] = new JsonObject { ["hostname"] = "any", ["memory"] = "512Mi", ["cpus"] = 1 },
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "main",
                ["image"] = new JsonObject { ["rootfs"] = $"verity-sha256:{(await TestImage.GetAsync()).Info.RootHashHex}" },
                ["process"] = new JsonObject
                {
                    ["args"] = new JsonArray("sh", "-c", script),
                    ["env"] = new JsonObject { ["PATH"] = "/bin" },
                    ["cwd"] = "/data",
                    ["user"] = new JsonObject { ["uid"] = 999, ["gid"] = 999 },
                },
                ["mounts"] = new JsonArray(
                    new JsonObject { ["path"] = "/data", ["volume"] = "data" },
                    new JsonObject { ["path"] = "/etc/hosts", ["from"] = "host", ["required"] = true }),
                ["exec"] = new JsonArray(new JsonObject { ["args"] = new JsonArray("grep", "Seccomp:", "/proc/self/status"), ["output"] = "host" }),
                ["stdio"] = new JsonObject { ["stdin"] = "none", ["stdout"] = "host", ["stderr"] = "host" },
                ["signals"] = new JsonArray("TERM", "KILL"),
                ["exit"] = "exact",
            }),
            ["volumes"] = new JsonObject { ["data"] = new JsonObject { ["kind"] = "memory", ["size"] = "16Mi" } },
            ["host"] = new JsonObject { ["errors"] = "detailed" },
            ["attestation"] = new JsonObject { ["tees"] = new JsonArray("sim") },
        };
        return await Sandbox.StartAsync(CanonicalJson.Write(JsonTree.Parse(Encoding.UTF8.GetBytes(policy.ToJsonString()), 1 << 20)));
    }
}
