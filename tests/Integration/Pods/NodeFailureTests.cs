using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;
using Pavise.Cri.V1;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>Parts of the node die while a pod runs: what is reported is true, and nothing stays behind.</summary>
public sealed class NodeFailureTests(ProcessPodNode shared) : IClassFixture<ProcessPodNode>
{
    private const string Script = "echo up; while [ ! -e /tmp/end ]; do sleep 0.1; done; exit 6";

    private readonly PodNode node = shared.Node;

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Containerd_is_killed_and_the_pod_goes_on_with_logs_execs_and_its_exit_code(string runtime)
    {
        await using Pod pod = await RunAsync(runtime);
        await node.Containerd.KillAsync();
        await node.Containerd.StartAgainAsync();
        PodStatus status = await pod.StatusAsync();
        Assert.Equal(ContainerState.ContainerRunning, status.Containers["main"].State);
        Assert.Equal(0, (await pod.ExecAsync("main", "touch", "/tmp/end")).ExitCode);
        Assert.Equal(6, (await pod.WaitUntilAsync(s => s.Phase == "Failed")).Containers["main"].ExitCode);
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task An_exit_while_containerd_is_away_is_reported_when_it_is_back(string runtime)
    {
        await using Pod pod = await RunAsync(runtime, "echo up; sleep 1; exit 6");
        await node.Containerd.KillAsync();
        await Task.Delay(2000);
        await node.Containerd.StartAgainAsync();
        Assert.Equal(6, (await pod.WaitUntilAsync(s => s.Phase == "Failed")).Containers["main"].ExitCode);
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_killed_shim_ends_its_pod_truly_and_kubelet_makes_a_new_one(string runtime)
    {
        await using Pod pod = await RunAsync(runtime, Script, "Always");
        string first = pod.SandboxId!;
        PodProcesses processes = pod.Processes();
        processes.Shim.Kill();
        Assert.NotEqual(0, (await pod.WaitUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerExited)).Containers["main"].ExitCode);
        await pod.SyncUntilAsync(s => pod.SandboxId != first && s.Phase == "Running");
        Assert.Contains(pod.Events, e => e.Reason == "SandboxChanged");
        if (runtime == "runc")
        {
            // runc's killed shims leave their sockets; Pavise's may not.
            processes.Sockets.ToList().ForEach(File.Delete);
        }
    }

    [Fact]
    public async Task A_killed_machine_ends_its_pod_truly_and_kubelet_makes_a_new_one()
    {
        await using Pod pod = await RunAsync("pavise", Script, "Always");
        string first = pod.SandboxId!;
        PodProcesses processes = pod.Processes();
        Assert.NotNull(processes.Machine);
        Assert.NotNull(processes.SandboxDirectory);
        processes.Machine.Kill();
        Assert.Equal(137, (await pod.WaitUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerExited)).Containers["main"].ExitCode);
        await pod.SyncUntilAsync(s => pod.SandboxId != first && s.Phase == "Running");
        Assert.Contains(pod.Events, e => e.Reason == "SandboxChanged");
    }

    private async Task<Pod> RunAsync(string runtime, string script = Script, string restartPolicy = "Never")
    {
        Pod pod = await node.RunAsync(runtime, $$"""
            restartPolicy: {{restartPolicy}}
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sh, -c, {{PodNode.Quote(script)}}]
                volumeMounts: [{ name: tmp, mountPath: /tmp }]
            volumes: [{ name: tmp, emptyDir: {} }]
            """, PodNode.Policy(node.Entry("main", script, "mounts: [{ path: /tmp, tmpfs: 1Mi }]\nexec: [{ args: [touch, /tmp/end], output: exit-code }]")));
        await pod.WaitForLogAsync("main", "up\n");
        return pod;
    }
}
