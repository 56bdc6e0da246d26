using Pavise.Cri.Kubelet;
using Pavise.Cri.V1;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>Several containers of a pod: init containers, sidecars, shared volumes, attempts.</summary>
public sealed class OrderTests(ProcessPodNode shared) : IClassFixture<ProcessPodNode>
{
    private const string SharedVolume = "mounts: [{ path: /shared, volume: shared }]";
    private const string Volumes = "volumes: { shared: { kind: memory, size: 1Mi, mode: \"1777\" } }";

    private readonly PodNode node = shared.Node;

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Init_containers_run_to_their_end_in_order_before_the_containers_which_share_their_volume(string runtime)
    {
        const string first = "echo first >> /shared/order", second = "echo second >> /shared/order", main = "cat /shared/order; exec sleep 1000";
        await using Pod pod = await node.RunAsync(runtime, Spec("Always",
            inits: Container("one", first) + Container("two", second),
            containers: Container("main", main)),
            PodNode.Policy(string.Join('\n',
                node.Entry("one", first, SharedVolume),
                node.Entry("two", second, $"{SharedVolume}\nafter: [{{ container: one, state: succeeded }}]"),
                node.Entry("main", main, $"{SharedVolume}\nafter: [{{ container: two, state: succeeded }}]")), Volumes));
        await pod.WaitForLogAsync("main", "second\n");
        Assert.Equal("first\nsecond\n", await pod.LogsAsync("main"));
        Dictionary<string, ContainerStatus> containers = (await pod.StatusAsync()).Containers.ToDictionary();
        Assert.All(["one", "two"], c => Assert.Equal((ContainerState.ContainerExited, 0), (containers[c].State, containers[c].ExitCode)));
        Assert.True(containers["one"].FinishedAt <= containers["two"].StartedAt && containers["two"].FinishedAt <= containers["main"].StartedAt);
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_sidecar_starts_first_serves_the_container_and_is_started_again_when_it_ends(string runtime)
    {
        const string sidecar = "echo up > /shared/sidecar; while [ ! -e /shared/go ]; do sleep 0.1; done; rm /shared/go; exit 1", main = "cat /shared/sidecar; exec sleep 1000";
        await using Pod pod = await node.RunAsync(runtime, Spec("Always",
            inits: Container("sidecar", sidecar, "restartPolicy: Always") + Container("wait", WaitForSidecar),
            containers: Container("main", main)),
            PodNode.Policy(string.Join('\n',
                node.Entry("sidecar", sidecar, $"{SharedVolume}\nrestarts: {{ max: 1 }}"),
                node.Entry("wait", WaitForSidecar, $"{SharedVolume}\nafter: [{{ container: sidecar, state: running }}]"),
                node.Entry("main", main, $"{SharedVolume}\nexec: [{{ args: [touch, /shared/go], output: exit-code }}]")), Volumes));
        await pod.WaitForLogAsync("main", "up\n");
        Assert.Equal(0, (await pod.ExecAsync("main", "touch", "/shared/go")).ExitCode);
        await pod.WaitUntilAsync(s => s.Containers["sidecar"].State == ContainerState.ContainerExited);
        PodStatus status = await pod.SyncUntilAsync(s => s.Containers["sidecar"].State == ContainerState.ContainerRunning);
        Assert.Equal(1u, status.Restarts("sidecar"));
        Assert.Equal(0u, status.Restarts("main"));
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_failed_init_container_is_tried_again_and_without_restarts_fails_the_pod(string runtime)
    {
        const string init = "cat /shared/tried && exit 0; touch /shared/tried; exit 4", main = "exec sleep 1000", fails = "exit 4";
        await using Pod again = await node.RunAsync(runtime, Spec("OnFailure", Container("init", init), Container("main", main)),
            PodNode.Policy(string.Join('\n', node.Entry("init", init, $"{SharedVolume}\nrestarts: {{ max: 1 }}"), node.Entry("main", main, $"{SharedVolume}\nafter: [{{ container: init, state: succeeded }}]")), Volumes));
        Assert.Equal(1u, (await again.StatusAsync()).Restarts("init"));

        await using Pod failed = await node.AdmitAsync(runtime, Spec("Never", Container("init", fails), Container("main", main)),
            PodNode.Policy(string.Join('\n', node.Entry("init", fails, SharedVolume), node.Entry("main", main, SharedVolume)), Volumes));
        PodStatus status = await failed.SyncUntilAsync(s => s.Phase == "Failed");
        Assert.Equal(4, status.Containers["init"].ExitCode);
        Assert.False(status.Containers.ContainsKey("main"));
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task A_container_that_ends_is_started_again_as_a_new_attempt_with_a_log_of_its_own(string runtime)
    {
        const string main = "echo run; while [ ! -e /shared/end ]; do sleep 0.1; done; rm /shared/end; exit 3";
        await using Pod pod = await node.RunAsync(runtime, Spec("Always", "", Container("main", main)),
            PodNode.Policy(node.Entry("main", main, $"{SharedVolume}\nrestarts: {{ max: 3 }}\nexec: [{{ args: [touch, /shared/end], output: exit-code }}]"), Volumes));
        HashSet<string> ids = [];
        for (uint attempt = 0; attempt < 3; attempt++)
        {
            PodStatus status = await pod.SyncUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerRunning);
            Assert.Equal(attempt, status.Restarts("main"));
            Assert.True(ids.Add(status.Containers["main"].Id));
            await pod.WaitForLogAsync("main", "run\n");
            Assert.Equal("run\n", await pod.LogsAsync("main"));
            await pod.ExecAsync("main", "touch", "/shared/end");
            Assert.Equal(3, (await pod.WaitUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerExited)).Containers["main"].ExitCode);
        }
    }

    private const string WaitForSidecar = "while [ ! -e /shared/sidecar ]; do sleep 0.1; done";

    private static string Container(string name, string script, string more = "imagePullPolicy: Never") => $$"""

          - name: {{name}}
            image: {{PodNode.Busybox}}
            command: [sh, -c, {{PodNode.Quote(script)}}]
            volumeMounts: [{ name: shared, mountPath: /shared }]
            {{more}}
        """;

    private static string Spec(string restartPolicy, string inits, string containers) => $$"""
        restartPolicy: {{restartPolicy}}
        {{(inits.Length > 0 ? "initContainers:" + inits : "")}}
        containers:{{containers}}
        volumes: [{ name: shared, emptyDir: { medium: Memory } }]
        """;
}
