using Pavise.Cri.Node;

namespace Pavise.Cri.Cycles;

/// <summary>The pod that lives and dies: one container that sleeps.</summary>
public static class CyclePods
{
    /// <summary>Its <c>spec</c> in YAML.</summary>
    public const string Spec = $$"""
        restartPolicy: Always
        containers:
          - name: main
            image: {{ClusterNode.Busybox}}
            command: [sleep, "100000"]
        """;

    /// <summary>What the cycles run in it.</summary>
    public static readonly string[] Exec = ["true"];

    /// <summary>Its policy in YAML.</summary>
    public static string Policy(ClusterNode node) => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: cycles, version: 1 }
        sandbox: { hostname: any, memory: 256Mi, cpus: 1 }
        containers:
          - name: main
            image: { rootfs: "{{node.BusyboxHash}}" }
            restarts: { max: 1000 }
            process: { args: [sleep, "100000"], env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
            exec: [{ args: ["true"], output: exit-code }]
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        host: { errors: detailed }
        attestation: { tees: [sim] }
        """;
}
