using System.Security.Cryptography;
using System.Text;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;

namespace Pavise.Integration.Tests.Support;

/// <summary>
/// A cluster's node for tests. Disposing it fails when a process, mount, socket, control group or file of a pod survives.
/// </summary>
internal sealed class PodNode(ClusterNode node) : IAsyncDisposable
{
    public const string Busybox = ClusterNode.Busybox, Redis = ClusterNode.Redis;

    public ClusterNode Cluster => node;

    public CriContainerd Containerd => node.Containerd;

    public Kubelet Kubelet => node.Kubelet;

    public string BusyboxHash => node.BusyboxHash;

    public string RedisHash => node.RedisHash;

    public static async Task<PodNode> StartAsync(string machine = "process", string configuration = "") =>
        new(await ClusterNode.StartAsync(new(Tree.Bin(""), Tree.Guest("development"), Tree.Cache), machine, configuration));

    /// <summary>Admits and starts a pod.</summary>
    /// <param name="runtimeClass"><c>runc</c> or <c>pavise</c>.</param>
    /// <param name="spec">The Pod's <c>spec</c> without the runtime class, in YAML.</param>
    /// <param name="policy">In YAML; only Pavise reads it.</param>
    /// <param name="objects">ConfigMaps and Secrets, in YAML documents.</param>
    public async Task<Pod> RunAsync(string runtimeClass, string spec, string? policy, string objects = "") =>
        await Kubelet.RunAsync(await node.PodAsync(runtimeClass, spec, policy, objects));

    /// <summary>Admits a pod that the test brings up step by step.</summary>
    public async Task<Pod> AdmitAsync(string runtimeClass, string spec, string? policy, string objects = "") =>
        Kubelet.Admit(await node.PodAsync(runtimeClass, spec, policy, objects));

    /// <summary>One entry of a policy's containers that runs busybox's shell with a script, or other arguments.</summary>
    public string Entry(string name, string script, string more = "") => EntryOf(name, $"[sh, -c, {Quote(script)}]", more);

    /// <summary>The same with an argument vector in YAML flow form.</summary>
    public string EntryOf(string name, string args, string more = "") => $$"""
          - name: {{name}}
            image: { rootfs: "{{BusyboxHash}}" }
            process: { args: {{args}}, env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        {{ClusterNode.Indented(more, 4)}}
        """;

    /// <summary>A policy of a pod from the entries of its containers.</summary>
    public static string Policy(string entries, string top = "") => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: pod, version: 1 }
        sandbox: { hostname: any, memory: 256Mi, cpus: 1 }
        containers:
        {{entries}}
        host: { processes: names, stats: exact, errors: detailed, pause: allow, resize: { maxMemory: 128Mi } }
        attestation: { tees: [sim] }
        {{top}}
        """;

    /// <summary>A text as a YAML scalar that keeps every character.</summary>
    public static string Quote(string text) => $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>Digest of a file's content as policies write it.</summary>
    public static string Digest(string text) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    public async ValueTask DisposeAsync()
    {
        await Containerd.RemovePodsAsync();
        IReadOnlyList<string> left = node.Leftovers();
        for (int i = 0; i < 50 && left.Count > 0; i++)
        {
            await Task.Delay(100);
            left = node.Leftovers();
        }

        await node.DisposeAsync();
        Assert.Empty(left);
    }
}
