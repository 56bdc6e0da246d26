using System.Security.Cryptography;
using System.Text;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;
using Pavise.Cri.V1;
using Pavise.Workloads;

namespace Pavise.Trojan.Cluster;

/// <summary>
/// A node of a hostile cluster. The victims make the secret themselves, the digest of a word that is no secret: it never came from the
/// host, so that wherever the host finds it, it leaked.
/// </summary>
internal sealed class ClusterGround : IAsyncDisposable
{
    private readonly string word = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <param name="node">The node.</param>
    /// <param name="runtime">Name of the runtime handler.</param>
    /// <param name="policies">Whether pods carry Pavise's policies.</param>
    public ClusterGround(ClusterNode node, string runtime, bool policies)
    {
        (Node, Runtime, Policies) = (node, runtime, policies);
        Secret = new(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(word))));
    }

    public ClusterNode Node { get; }

    public string Runtime { get; }

    public bool Policies { get; }

    /// <summary>What no byte may be seen of.</summary>
    public Canary Secret { get; }

    /// <summary>Shell words that put the secret into the variable C.</summary>
    public string MakeSecret => $"C=$(echo -n {word} | sha256sum | cut -c1-64)";

    public RuntimeService.RuntimeServiceClient Cri => Node.Containerd.Cri.Runtime;

    /// <summary>Runs a pod.</summary>
    public async Task<Pod> RunAsync(string spec, string policy, string objects = "") =>
        await Node.Kubelet.RunAsync(await Node.PodAsync(Runtime, spec, Policies ? policy : null, objects));

    /// <summary>Runs a pod to its end and answers its log.</summary>
    public async Task<string> LogOfAsync(string spec, string policy, string objects = "")
    {
        await using Pod pod = await RunAsync(spec, policy, objects);
        await pod.WaitUntilAsync(s => s.Phase is "Succeeded" or "Failed");
        return await pod.LogsAsync("main");
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
