using Pavise.Cri.Kubelet;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Pods;

/// <summary>A pod's network as a node uses it: containerd forwards a port by dialling localhost in the pod's namespace.</summary>
public sealed class NetworkPodTests
{
    private const string Spec = $$"""
        securityContext: { runAsUser: 999, runAsGroup: 999 }
        enableServiceLinks: false
        containers:
          - name: redis
            image: {{PodNode.Redis}}
            command: [redis-server, --save, "", --dir, /data, --protected-mode, "no"]
            volumeMounts: [{ name: data, mountPath: /data }]
        volumes: [{ name: data, emptyDir: { medium: Memory } }]
        """;

    [Theory]
    [InlineData("runc", "process")]
    [InlineData("pavise", "process")]
    [InlineData("pavise", "tcg")]
    public async Task A_port_of_the_policy_is_reached_in_the_pods_namespace_and_no_other(string runtime, string machine)
    {
        await using PodNode node = await PodNode.StartAsync(machine);
        await using Pod pod = await node.RunAsync(runtime, Spec, Policy(node));
        await pod.WaitForLogAsync("redis", "Ready to accept connections");
        string space = Assert.Single(Directory.GetFiles(Path.Combine(node.Containerd.Folder, "state/io.containerd.grpc.v1.cri/netns")));

        string answer = "";
        for (int i = 0; i < 100 && answer != "PONG"; i++)
        {
            answer = (await InsideAsync(space, 6379)).Output.Trim();
        }

        Assert.Equal("PONG", answer);
        Assert.Contains("Connection refused", (await InsideAsync(space, 6380)).Both, StringComparison.Ordinal);
    }

    private static Task<CommandResult> InsideAsync(string space, int port) => Command.RunAsync("nsenter", [$"--net={space}", "timeout", "10", "redis-cli", "-h", "127.0.0.1", "-p", $"{port}", "ping"]);

    private static string Policy(PodNode node) => PodNode.Policy($$"""
          - name: redis
            image: { rootfs: "{{node.RedisHash}}" }
            process: { args: [redis-server, --save, "", --dir, /data, --protected-mode, "no"], env: { PATH: "/usr/bin:/bin" }, cwd: /data, user: { uid: {{RedisImage.Uid}}, gid: {{RedisImage.Uid}} } }
            mounts: [{ path: /data, volume: data }]
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        """, "volumes: { data: { kind: memory, size: 64Mi } }\nnetwork: { ingress: [{ port: 6379 }] }");
}
