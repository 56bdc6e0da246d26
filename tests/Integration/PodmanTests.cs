using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>Stock podman, told nothing but another runtime and an annotation.</summary>
public sealed class PodmanTests
{
    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Podman_runs_execs_logs_and_stops_a_container_as_its_policy_says(string machine)
    {
        await using Node node = new(machine);
        await using Podman podman = new(node);
        (string layout, string image) = await PullAsync(podman);
        const string script = "trap 'exit 7' TERM; echo running; while :; do sleep 0.1; done";
        string annotation = await AnnotationAsync(layout, script, "    exec: [{ args: [echo, from-exec], output: host }, { args: [sh, -c, exit 5], output: host }]");

        (await podman.RunAsync("run", "--detach", "--name", "c", "--network", "none", "--annotation", $"dev.pavise.policy={annotation}", image, "sh", "-c", script)).OrThrow("podman run");
        Assert.Equal("from-exec", (await podman.RunAsync("exec", "c", "echo", "from-exec")).OrThrow("podman exec").Output.Trim());
        Assert.Equal(5, (await podman.RunAsync("exec", "c", "sh", "-c", "exit 5")).ExitCode);
        CommandResult refused = await podman.RunAsync("exec", "c", "id");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("refused by the owner's policy", refused.Error, StringComparison.Ordinal);
        (await podman.RunAsync("stop", "--time", "30", "c")).OrThrow("podman stop");
        Assert.Equal("running", (await podman.RunAsync("logs", "c")).OrThrow("podman logs").Output.Trim());
        Assert.Equal("exited 7", (await podman.RunAsync("inspect", "c", "--format", "{{.State.Status}} {{.State.ExitCode}}")).OrThrow("podman inspect").Output.Trim());
        (await podman.RunAsync("rm", "c")).OrThrow("podman rm");
    }

    [Fact]
    public async Task Exit_status_of_podman_run_is_the_containers_and_without_policy_nothing_runs()
    {
        await using Node node = new("process");
        await using Podman podman = new(node);
        (string layout, string image) = await PullAsync(podman);
        string annotation = await AnnotationAsync(layout, "echo hi; exit 3", "");

        CommandResult result = await podman.RunAsync("run", "--rm", "--network", "none", "--annotation", $"dev.pavise.policy={annotation}", image, "sh", "-c", "echo hi; exit 3");
        Assert.Equal((3, "hi"), (result.ExitCode, result.Output.Trim()));

        CommandResult without = await podman.RunAsync("run", "--rm", "--network", "none", image, "sh", "-c", "echo hi; exit 3");
        Assert.NotEqual(0, without.ExitCode);
        Assert.Contains("this container has no policy", without.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hi", without.Output, StringComparison.Ordinal);
    }

    /// <summary>Into podman's own storage: its root is an overlay with mount points that podman adds, and must still have the layout's root hash.</summary>
    private static async Task<(string Layout, string Image)> PullAsync(Podman podman)
    {
        (_, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        return (layout, (await podman.RunAsync("pull", "--quiet", $"oci:{layout}:latest")).OrThrow("podman pull").Output.Trim());
    }

    private static async Task<string> AnnotationAsync(string layout, string script, string more) => await Owner.AnnotationAsync($$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: podman, version: 1 }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: main
            image: { rootfs: "{{await Owner.RootHashAsync(layout)}}" }
            process: { args: [sh, -c, "{{script}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
        {{more}}
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        host: { processes: names, stats: exact, errors: detailed, pause: allow }
        attestation: { tees: [sim] }
        """);
}
