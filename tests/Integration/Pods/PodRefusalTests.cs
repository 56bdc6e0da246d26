using Grpc.Core;
using Pavise.Cri.Kubelet;
using Pavise.Cri.V1;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>What the owner's policy refuses a cluster, and that the pod goes on where it was.</summary>
public sealed class PodRefusalTests(ProcessPodNode shared) : IClassFixture<ProcessPodNode>
{
    private const string Refusal = "refused by the owner's policy, decision [0-9a-f]+", Sleep = "exec sleep 1000";

    private readonly PodNode node = shared.Node;

    [Fact]
    public async Task A_pod_without_a_policy_does_not_start()
    {
        PodException error = await Assert.ThrowsAsync<PodException>(() => node.RunAsync("pavise", Spec(Sleep), policy: null));
        Assert.Contains("policy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_command_another_image_and_another_user_are_refused()
    {
        string policy = PodNode.Policy(node.Entry("main", Sleep));
        await RefusedAsync("(rule containers[main].args)", Spec("exec sleep 999"), policy);
        await RefusedAsync("(rule containers.image.rootfs)", Spec(Sleep).Replace(PodNode.Busybox, PodNode.Redis, StringComparison.Ordinal), policy);
        await RefusedAsync("(rule containers[main].user)", Spec(Sleep, "securityContext: { runAsUser: 1000 }"), policy);
    }

    [Fact]
    public async Task A_changed_ConfigMap_is_refused()
    {
        string spec = Spec("cat /etc/app/a", "volumeMounts: [{ name: app, mountPath: /etc/app }]") + "\nvolumes: [{ name: app, configMap: { name: app } }]";
        string policy = PodNode.Policy(node.Entry("main", "cat /etc/app/a", $"mounts: [{{ path: /etc/app, files: {{ a: \"{PodNode.Digest("right")}\" }} }}]"));
        await using (Pod pod = await node.RunAsync("pavise", spec, policy, ConfigMap("right")))
        {
            await pod.WaitUntilAsync(s => s.Phase == "Succeeded");
            Assert.Equal("right\n", await pod.LogsAsync("main") + "\n");
        }

        await RefusedAsync("(rule containers[main].mounts)", spec, policy, ConfigMap("wrong"));
    }

    [Fact]
    public async Task A_variable_outside_its_expression_is_refused_and_one_that_the_policy_does_not_know_is_dropped()
    {
        string policy = PodNode.Policy(node.Entry("main", "echo [$MODE$LD_PRELOAD]", "").Replace("PATH: \"/bin\"", "PATH: \"/bin\", MODE: { from: host, matches: \"fast|slow\" }", StringComparison.Ordinal));
        string Environment(string mode) => Spec("echo [$MODE$LD_PRELOAD]", $"env: [{{ name: MODE, value: {mode} }}, {{ name: LD_PRELOAD, value: /evil.so }}]");
        await using (Pod pod = await node.RunAsync("pavise", Environment("slow"), policy))
        {
            await pod.WaitUntilAsync(s => s.Phase == "Succeeded");
            Assert.Equal("[slow]\n", await pod.LogsAsync("main"));
        }

        await RefusedAsync("(rule containers[main].env)", Environment("slower"), policy);
    }

    [Fact]
    public async Task Containers_start_in_the_policys_order_only_and_one_that_it_does_not_know_never_does()
    {
        string policy = PodNode.Policy($"{node.Entry("first", "true")}\n{node.Entry("main", Sleep, "after: [{ container: first, state: succeeded }]")}");
        await RefusedAsync("(rule containers[main].after)", Spec(Sleep), policy);

        await using Pod pod = await node.RunAsync("pavise", $$"""
            restartPolicy: Never
            initContainers: [{ name: first, image: {{PodNode.Busybox}}, command: [sh, -c, "true"] }]
            containers: [{ name: main, image: {{PodNode.Busybox}}, command: [sh, -c, {{Sleep}}] }]
            """, policy);
        PodException ephemeral = await Assert.ThrowsAsync<PodException>(() => pod.AddEphemeralAsync("debugger", PodNode.Busybox, "sh"));
        Assert.Matches(Refusal, ephemeral.Message);
        PodException second = await Assert.ThrowsAsync<PodException>(() => pod.AddEphemeralAsync("copy", PodNode.Busybox, "sh", "-c", Sleep));
        Assert.True(second.Message.Contains("(rule containers[main].instances)", StringComparison.Ordinal), second.Message);
        Assert.Equal("Running", (await pod.StatusAsync()).Phase);
    }

    [Fact]
    public async Task Restarts_beyond_the_policys_maximum_are_refused()
    {
        await using Pod pod = await node.RunAsync("pavise", Spec("exit 1").Replace("Never", "Always", StringComparison.Ordinal), PodNode.Policy(node.Entry("main", "exit 1", "restarts: { max: 2 }")));
        for (uint attempt = 0; attempt < 2; attempt++)
        {
            await pod.WaitUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerExited && s.Restarts("main") == attempt);
            await pod.SyncAsync();
        }

        await pod.WaitUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerExited && s.Restarts("main") == 2);
        PodException refused = await Assert.ThrowsAsync<PodException>(pod.SyncAsync);
        Assert.True(refused.Message.Contains("(rule containers[main].restarts)", StringComparison.Ordinal), refused.Message);
        Assert.Contains(pod.Events, e => e.Reason == "Failed" && e.Message.Contains("refused by the owner's policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_exec_that_the_policy_does_not_list_is_refused_with_the_decisions_id_streamed_or_not()
    {
        await using Pod pod = await node.RunAsync("pavise", Spec(Sleep), PodNode.Policy(node.Entry("main", Sleep)));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => pod.ExecAsync("main", "sh", "-c", "id"));
        Assert.Matches(Refusal, refused.Status.Detail);
        Assert.True(refused.Status.Detail.Contains("(rule containers[main].exec)", StringComparison.Ordinal), refused.Status.Detail);
        await using Cri.Streaming.RemoteProcess shell = await pod.ExecStreamAsync("main", stdin: true, terminal: true, "sh");
        InvalidOperationException streamed = await Assert.ThrowsAsync<InvalidOperationException>(shell.ExitCodeAsync);
        Assert.Matches(Refusal, streamed.Message);
    }

    [Fact]
    public async Task A_redacted_refusal_says_the_decision_and_nothing_of_the_policy()
    {
        await using Pod pod = await node.RunAsync("pavise", Spec(Sleep), PodNode.Policy(node.Entry("main", Sleep)).Replace("errors: detailed", "errors: redacted", StringComparison.Ordinal));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => pod.ExecAsync("main", "id"));
        Assert.True(System.Text.RegularExpressions.Regex.IsMatch(refused.Status.Detail, $"{Refusal}(: unknown)?$"), refused.Status.Detail);
    }

    private async Task RefusedAsync(string rule, string spec, string policy, string objects = "")
    {
        PodException error = await Assert.ThrowsAsync<PodException>(() => node.RunAsync("pavise", spec, policy, objects));
        Assert.Matches(Refusal, error.Message);
        Assert.True(error.Message.Contains(rule, StringComparison.Ordinal), error.Message);
    }

    private static string ConfigMap(string a) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: app }
        data: { a: {{a}} }
        """;

    private static string Spec(string script, string more = "imagePullPolicy: Never") => $$"""
        restartPolicy: Never
        containers:
          - name: main
            image: {{PodNode.Busybox}}
            command: [sh, -c, {{PodNode.Quote(script)}}]
            {{more}}
        """;
}
