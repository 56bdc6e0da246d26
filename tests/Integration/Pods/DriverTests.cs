using Pavise.Cri.Kubelet;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>The driver itself, proved on runc.</summary>
public sealed class DriverTests
{
    [Fact]
    public async Task A_pod_runs_logs_answers_execs_and_leaves_nothing()
    {
        await using PodNode node = await PodNode.StartAsync();
        await using Pod pod = await node.Kubelet.RunAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: first }
            spec:
              containers:
                - name: main
                  image: {{PodNode.Busybox}}
                  command: [sh, -c, "echo hello; exec sleep 1000"]
            """);
        await pod.WaitForLogAsync("main", "hello\n");
        Assert.Equal(new ExecResult(3, "out\n", "err\n"), await pod.ExecAsync("main", "sh", "-c", "echo out; echo err >&2; exit 3"));
        await pod.StopAsync(0);
    }
}
