using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The path that docker and containerd's runc shim take: the runtime in runc's place.</summary>
public sealed class ContainerdTests
{
    private const string Script = "echo hi; sleep 1000; exit 3";

    [Fact]
    public async Task Containerds_runc_shim_runs_execs_lists_kills_and_deletes_a_container_as_its_policy_says()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync();
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string annotation = await AnnotationAsync(root);

        (await containerd.RunAsync("run", "--detach", "--rootfs", "--runtime", "io.containerd.runc.v2", "--runc-binary", node.Wrapper(), "--runc-root", node.State, "--annotation", $"dev.pavise.policy={annotation}", root, "c", "sh", "-c", Script)).OrThrow("ctr run");
        Assert.Contains("RUNNING", (await containerd.RunAsync("task", "list")).Output, StringComparison.Ordinal);
        Assert.Equal("from-exec", (await containerd.RunAsync("task", "exec", "--exec-id", "e1", "c", "echo", "from-exec")).OrThrow("exec").Output.Trim());
        Assert.Equal(5, (await containerd.RunAsync("task", "exec", "--exec-id", "e2", "c", "sh", "-c", "exit 5")).ExitCode);
        CommandResult refused = await containerd.RunAsync("task", "exec", "--exec-id", "e3", "c", "id");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("refused by the owner's policy", refused.Error, StringComparison.Ordinal);

        (await containerd.RunAsync("task", "kill", "--signal", "KILL", "c")).OrThrow("kill");
        for (int i = 0; i < 100 && !(await containerd.RunAsync("task", "list")).Output.Contains("STOPPED", StringComparison.Ordinal); i++)
        {
            await Task.Delay(50);
        }

        Assert.Contains("137", (await containerd.RunAsync("task", "delete", "c")).Both, StringComparison.Ordinal);
        (await containerd.RunAsync("container", "delete", "c")).OrThrow("container delete");
    }

    [Fact]
    public async Task What_the_runtime_says_of_a_container_without_policy_reaches_containerds_client()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync();
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        CommandResult result = await containerd.RunAsync("run", "--rm", "--rootfs", "--runtime", "io.containerd.runc.v2", "--runc-binary", node.Wrapper(), "--runc-root", node.State, root, "c", "true");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("this container has no policy", result.Error, StringComparison.Ordinal);
    }

    private static async Task<string> AnnotationAsync(string root) => await Owner.AnnotationAsync($$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: containerd, version: 1 }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: main
            image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
            process: { args: [sh, -c, "{{Script}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
            exec: [{ args: [echo, from-exec], output: host }, { args: [sh, -c, exit 5], output: host }]
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        host: { processes: names, stats: exact, errors: detailed, pause: allow }
        attestation: { tees: [sim] }
        """);
}
