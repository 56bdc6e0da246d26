using Pavise.Cri.Kubelet;
using Pavise.Cri.Logs;
using Pavise.Cri.V1;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>One container: logs, exec, its end.</summary>
public sealed class LifeTests(ProcessPodNode shared) : IClassFixture<ProcessPodNode>
{
    private const string Talk = "echo out; echo err >&2; exec sleep 1000";

    private readonly PodNode node = shared.Node;

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_pod_logs_both_streams_and_answers_execs_with_their_output_and_exit_code(string runtime)
    {
        await using Pod pod = await RunAsync(runtime, Talk, "exec: [{ args: [sh, -c, \"echo o; echo e >&2; exit 3\"], output: host }]");
        await pod.WaitForLogAsync("main", "out\n");
        await pod.WaitForLogAsync("main", "err\n");
        Assert.Equal([("stderr", "err"), ("stdout", "out")], (await pod.LogLinesAsync("main")).Select(l => (l.Stream, l.Text)).Order());
        Assert.Equal(new ExecResult(3, "o\n", "e\n"), await pod.ExecAsync("main", "sh", "-c", "echo o; echo e >&2; exit 3"));
        PodStatus status = await pod.StatusAsync();
        Assert.Equal("Running", status.Phase);
        Assert.Equal(ContainerState.ContainerRunning, status.Containers["main"].State);
        Assert.Contains(pod.Events, e => e.Reason == "Started");
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_container_ends_by_itself_and_its_exit_code_is_the_pods(string runtime)
    {
        await using Pod failed = await RunAsync(runtime, "echo done; exit 7", restartPolicy: "Never");
        PodStatus status = await failed.WaitUntilAsync(s => s.Phase is "Failed");
        Assert.Equal((7, "Error"), (status.Containers["main"].ExitCode, status.Containers["main"].Reason));
        Assert.Equal("done\n", await failed.LogsAsync("main"));

        await using Pod succeeded = await RunAsync(runtime, "true", restartPolicy: "Never");
        status = await succeeded.WaitUntilAsync(s => s.Phase is "Succeeded");
        Assert.Equal("Completed", status.Containers["main"].Reason);
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Stopping_sends_TERM_first_and_KILL_only_after_the_grace(string runtime)
    {
        const string polite = "trap 'echo got TERM; exit 5' TERM; echo ready; while true; do sleep 0.1; done";
        await using Pod listening = await RunAsync(runtime, polite);
        await listening.WaitForLogAsync("main", "ready\n");
        await listening.StopAsync(60);
        Assert.Equal(5, (await listening.ContainerAsync("main")).ExitCode);
        Assert.EndsWith("got TERM\n", await listening.LogsAsync("main"), StringComparison.Ordinal);

        await using Pod deaf = await RunAsync(runtime, "trap '' TERM; echo ready; while true; do sleep 0.1; done");
        await deaf.WaitForLogAsync("main", "ready\n");
        await deaf.StopContainerAsync("main", 1);
        Assert.Equal(137, (await deaf.ContainerAsync("main")).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_long_line_is_logged_in_parts_and_a_rotated_log_goes_on_in_a_new_file(string runtime)
    {
        await using Pod pod = await RunAsync(runtime, "printf '%040000d\\n' 7; while [ ! -e /proc/1/nothing ]; do echo tick; sleep 0.1; done");
        await pod.WaitForLogAsync("main", "tick\n");
        IReadOnlyList<LogLine> lines = await pod.LogLinesAsync("main");
        Assert.True(lines.TakeWhile(l => l.Partial).Count() >= 2);
        Assert.Equal(new string('0', 39999) + "7", CriLog.Text(lines).Split('\n')[0]);

        await pod.RotateLogAsync("main");
        await pod.WaitForLogAsync("main", "tick\n");
        Assert.DoesNotContain("7", await pod.LogsAsync("main"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Probes_and_hooks_run_in_the_container(string runtime)
    {
        const string exec = """
            exec:
              - { args: [test, -e, /tmp/started], output: exit-code }
              - { args: [test, -e, /tmp/other], output: exit-code }
              - { args: [touch, /tmp/started], output: exit-code }
              - { args: [sh, -c, "echo stopping > /proc/1/fd/1"], output: exit-code }
            mounts: [{ path: /tmp, tmpfs: 1Mi }]
            """;
        await using Pod pod = await node.RunAsync(runtime, $$"""
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sh, -c, "exec sleep 1000"]
                volumeMounts: [{ name: tmp, mountPath: /tmp }]
                lifecycle:
                  postStart: { exec: { command: [touch, /tmp/started] } }
                  preStop: { exec: { command: [sh, -c, "echo stopping > /proc/1/fd/1"] } }
                startupProbe: { exec: { command: [test, -e, /tmp/started] }, timeoutSeconds: 20 }
                readinessProbe: { exec: { command: [test, -e, /tmp/other] }, timeoutSeconds: 20 }
            volumes: [{ name: tmp, emptyDir: {} }]
            """, PodNode.Policy(node.Entry("main", "exec sleep 1000", exec)));
        Assert.True(await pod.ProbeAsync("main", c => c.StartupProbe));
        Assert.False(await pod.ProbeAsync("main", c => c.ReadinessProbe));
        await pod.StopAsync(3);
        Assert.Equal("stopping\n", await pod.LogsAsync("main"));
        Assert.DoesNotContain(pod.Events, e => e.Reason.StartsWith("Failed", StringComparison.Ordinal));
    }

    private Task<Pod> RunAsync(string runtime, string script, string more = "", string restartPolicy = "Always") => node.RunAsync(runtime, $$"""
        restartPolicy: {{restartPolicy}}
        containers:
          - name: main
            image: {{PodNode.Busybox}}
            command: [sh, -c, {{PodNode.Quote(script)}}]
        """, PodNode.Policy(node.Entry("main", script, more)));
}
