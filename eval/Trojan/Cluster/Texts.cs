using Pavise.Cri.Node;

namespace Pavise.Trojan.Cluster;

/// <summary>Pods and policies in YAML.</summary>
internal static class Texts
{
    /// <summary>A pod of one container that runs a script of busybox's shell.</summary>
    /// <param name="script">The script.</param>
    /// <param name="container">More lines of the container.</param>
    /// <param name="pod">More lines of the pod's specification.</param>
    public static string Pod(string script, string container = "", string pod = "") => PodOf($"[sh, -c, {Quote(script)}]", container, pod);

    /// <summary>The same with a command in YAML flow form.</summary>
    public static string PodOf(string command, string container = "", string pod = "", string image = ClusterNode.Busybox) => $$"""
        restartPolicy: Never
        {{pod}}
        containers:
          - name: main
            image: {{image}}
            command: {{command}}
        {{ClusterNode.Indented(container, 4)}}
        """;

    /// <summary>A policy for one container that runs a script.</summary>
    /// <param name="rootHash">The image's.</param>
    /// <param name="script">The script.</param>
    /// <param name="entry">More lines of the entry.</param>
    /// <param name="stdio">Its streams.</param>
    /// <param name="exit">What of its status is told.</param>
    /// <param name="host">The policy's <c>host</c>.</param>
    /// <param name="more">Further entries.</param>
    public static string Policy(string rootHash, string script, string entry = "", string stdio = "stdin: none, stdout: host, stderr: none", string exit = "exact", string host = "errors: detailed", string more = "") => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: pod, version: 1 }
        sandbox: { hostname: pinned, memory: 256Mi, cpus: 1 }
        containers:
        {{Entry("main", rootHash, script, entry, stdio, exit)}}
        {{more}}
        host: { {{host}} }
        attestation: { tees: [sim] }
        """;

    /// <summary>One entry of a policy's containers.</summary>
    public static string Entry(string name, string rootHash, string script, string entry = "", string stdio = "stdin: none, stdout: host, stderr: none", string exit = "exact") => $$"""
          - name: {{name}}
            image: { rootfs: "{{rootHash}}" }
            process: { args: [sh, -c, {{Quote(script)}}], env: { PATH: "/bin", MODE: { from: host, matches: "fast|slow", default: fast } }, cwd: /, user: { uid: 0, gid: 0 } }
            stdio: { {{stdio}} }
            signals: [TERM, KILL]
            exit: {{exit}}
        {{ClusterNode.Indented(entry, 4)}}
        """;

    /// <summary>A text as a YAML scalar that keeps every character.</summary>
    public static string Quote(string text) => $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
