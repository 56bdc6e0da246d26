using Pavise.Cri.Kubelet;

namespace Pavise.Trojan.Cluster;

/// <summary>
/// Two pods that hold the secret in memory: one whose policy gives the host next to nothing, and its open neighbour, whose policy gives it
/// what the attacks ask for.
/// </summary>
internal sealed class Victim : IAsyncDisposable
{
    private readonly Pod open;
    private readonly Pod closed;

    private Victim(ClusterGround ground, Pod closed, Pod open) => (Ground, this.closed, this.open) = (ground, closed, open);

    public ClusterGround Ground { get; }

    /// <summary>The protected one.</summary>
    public Pod Closed => closed;

    /// <summary>The open one.</summary>
    public Pod Open => open;

    public static async Task<Victim> StartAsync(ClusterGround ground)
    {
        string script = $$"""
            {{ground.MakeSecret}}; echo $C >/tmp/canary
            for s in USR1 HUP INT QUIT ABRT TERM; do trap "echo GOT-$s" $s; done
            echo ready
            while :; do echo $C >&2; sleep 0.3; [ -e /tmp/mark ] && echo MARKED; done
            """;
        string spec = Texts.Pod(script, "volumeMounts: [{ name: tmp, mountPath: /tmp }]", "volumes: [{ name: tmp, emptyDir: { medium: Memory } }]");
        const string tmp = "mounts: [{ path: /tmp, tmpfs: 1Mi }]";
        const string execs = """
            exec:
              - { args: [echo, permitted], output: host }
              - { args: [cat, /tmp/canary], output: exit-code }
              - { args: [sh, -c, "exit 5"], output: exit-code }
            """;
        const string openExecs = """
            exec:
              - { args: [echo, permitted], output: host }
              - { args: [echo, permitted], output: host, stdin: host, terminal: true }
              - { args: [echo, permitted], output: host, user: { uid: 1000, gid: 1000 } }
              - { args: [echo, permitted], output: host, cwd: /data }
              - { args: [sh], output: host, stdin: host, terminal: true }
            """;
        string hash = ground.Node.BusyboxHash;
        Pod closed = await ground.RunAsync(spec, Texts.Policy(hash, script, $"{tmp}\n{execs}"));
        Pod open = await ground.RunAsync(spec, Texts.Policy(hash, script, $"{tmp}\n{openExecs}", "stdin: none, stdout: host, stderr: host", host: "processes: names, stats: exact, errors: detailed, pause: allow, resize: { maxMemory: 128Mi }")
            .Replace("[TERM, KILL]", "[TERM, KILL, USR1, HUP, INT, QUIT, ABRT]", StringComparison.Ordinal));
        await closed.WaitForLogAsync("main", "ready");
        await open.WaitForLogAsync("main", "ready");
        return new(ground, closed, open);
    }

    /// <summary>Id of the container in a pod.</summary>
    public static async Task<string> IdAsync(Pod pod) => (await pod.ContainerAsync("main")).Id;

    public async ValueTask DisposeAsync()
    {
        await open.DisposeAsync();
        await closed.DisposeAsync();
    }
}
