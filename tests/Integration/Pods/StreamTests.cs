using Pavise.Cri.Kubelet;
using Pavise.Cri.Streaming;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary><c>kubectl exec -it</c> and <c>kubectl attach</c> by the runtime's streaming server.</summary>
public sealed class StreamTests(ProcessPodNode shared) : IClassFixture<ProcessPodNode>
{
    private readonly PodNode node = shared.Node;

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Exec_streams_input_both_outputs_and_the_exit_code(string runtime)
    {
        await using Pod pod = await RunAsync(runtime, "exec sleep 1000", "exec: [{ args: [sh, -c, \"read a; echo got $a; echo no >&2; exit 9\"], output: host, stdin: host }]");
        await using RemoteProcess process = await pod.ExecStreamAsync("main", stdin: true, terminal: false, "sh", "-c", "read a; echo got $a; echo no >&2; exit 9");
        await process.WriteAsync("hello\n");
        Assert.Equal(9, await process.ExitCodeAsync());
        Assert.Equal(("got hello\n", "no\n"), (process.Output, process.Error));
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_terminal_echoes_has_the_users_size_and_ends_with_the_shell(string runtime)
    {
        await using Pod pod = await RunAsync(runtime, "exec sleep 1000", "exec: [{ args: [sh], output: host, stdin: host, terminal: true }]");
        await using RemoteProcess process = await pod.ExecStreamAsync("main", stdin: true, terminal: true, "sh");
        await process.WriteAsync("echo from-$((40 + 2))\n");
        await process.WaitForAsync("from-42\r\n");
        await process.ResizeAsync(columns: 97, rows: 31);
        // The size travels beside the input, so the shell is asked until it has it.
        await process.WriteAsync("until [ \"$(stty size)\" = '31 97' ]; do sleep 0.1; done; echo size-$((1 + 1))\n");
        await process.WaitForAsync("size-2\r\n");
        await process.WriteAsync("exit 4\n");
        Assert.Equal(4, await process.ExitCodeAsync());
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Attach_reads_and_writes_the_containers_own_process(string runtime)
    {
        const string script = "while read line; do echo \"heard $line\"; done";
        await using Pod pod = await RunAsync(runtime, script, "", "stdin: true");
        await using RemoteProcess process = await pod.AttachAsync("main", stdin: true, terminal: false);
        await process.WriteAsync("one\n");
        await process.WaitForAsync("heard one\n");
        await pod.WaitForLogAsync("main", "heard one\n");
    }

    private Task<Pod> RunAsync(string runtime, string script, string policy, string more = "imagePullPolicy: Never") => node.RunAsync(runtime, $$"""
        containers:
          - name: main
            image: {{PodNode.Busybox}}
            command: [sh, -c, {{PodNode.Quote(script)}}]
            {{more}}
        """, PodNode.Policy(node.Entry("main", script, policy).Replace("stdin: none", more.StartsWith("stdin", StringComparison.Ordinal) ? "stdin: host" : "stdin: none", StringComparison.Ordinal)));
}
