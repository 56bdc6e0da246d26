using Grpc.Core;
using Pavise.Cri.Kubelet;
using Pavise.Cri.V1;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Pods;

/// <summary>A real server as a pod: its configuration, password, data, probes, logs and end.</summary>
public sealed class RedisPodTests
{
    private const string Configuration = "save \"\"\ndir /data\nmaxmemory 16mb\n";

    private const string Spec = $$"""
        securityContext: { runAsUser: 999, runAsGroup: 999 }
        enableServiceLinks: false
        containers:
          - name: redis
            image: {{PodNode.Redis}}
            args: [/etc/redis/redis.conf]
            command: [redis-server]
            env: [{ name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }]
            resources: { limits: { memory: 128Mi } }
            readinessProbe: { exec: { command: [redis-cli, ping] }, timeoutSeconds: 60 }
            volumeMounts:
              - { name: data, mountPath: /data }
              - { name: configuration, mountPath: /etc/redis }
        volumes:
          - { name: data, emptyDir: { medium: Memory } }
          - { name: configuration, configMap: { name: redis } }
        """;

    private const string Objects = """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: redis }
        data: { redis.conf: "save \"\"\ndir /data\nmaxmemory 16mb\n" }
        """;

    [Theory]
    [InlineData("runc", "process")]
    [InlineData("pavise", "process")]
    [InlineData("pavise", "tcg")]
    public async Task Redis_runs_as_a_pod_is_probed_keeps_data_logs_and_stops_on_TERM(string runtime, string machine)
    {
        await using PodNode node = await PodNode.StartAsync(machine);
        await using Pod pod = await node.RunAsync(runtime, Spec, Policy(node), Objects);
        await pod.WaitForLogAsync("redis", "Ready to accept connections");
        Assert.True(await pod.ProbeAsync("redis", c => c.ReadinessProbe));
        Assert.Equal(new ExecResult(0, "OK\n", ""), await pod.ExecAsync("redis", "redis-cli", "set", "a", "1"));
        Assert.Equal("1\n", (await pod.ExecAsync("redis", "redis-cli", "get", "a")).Output);
        Assert.Equal("maxmemory\n16777216\n", (await pod.ExecAsync("redis", "redis-cli", "config", "get", "maxmemory")).Output);
        if (runtime == "pavise")
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => pod.ExecAsync("redis", "redis-cli", "flushall"));
            Assert.Matches("refused by the owner's policy, decision [0-9a-f]+", refused.Status.Detail);
            Assert.Equal(ContainerState.ContainerRunning, (await pod.ContainerAsync("redis")).State);
        }

        await pod.StopAsync();
        Assert.Equal((0, "Completed"), ((await pod.ContainerAsync("redis")).ExitCode, (await pod.ContainerAsync("redis")).Reason));
        Assert.Contains("ready to exit", await pod.LogsAsync("redis"), StringComparison.Ordinal);
    }

    private static string Policy(PodNode node) => PodNode.Policy($$"""
          - name: redis
            image: { rootfs: "{{node.RedisHash}}" }
            process:
              args: [redis-server, /etc/redis/redis.conf]
              env: { PATH: "/usr/bin:/bin", POD_IP: { from: host, matches: "[0-9.]+" } }
              cwd: /data
              user: { uid: {{RedisImage.Uid}}, gid: {{RedisImage.Uid}} }
            mounts:
              - { path: /data, volume: data }
              - { path: /etc/redis, files: { redis.conf: "{{PodNode.Digest(Configuration)}}" } }
            exec:
              - { args: [redis-cli, ping], output: exit-code }
              - { args: [redis-cli, set, a, "1"], output: host }
              - { args: [redis-cli, get, a], output: host }
              - { args: [redis-cli, config, get, maxmemory], output: host }
            stdio: { stdin: none, stdout: host, stderr: host }
            resources: { memory: 128Mi }
            signals: [TERM, KILL]
            exit: exact
        """, "volumes: { data: { kind: memory, size: 64Mi } }");
}
