using System.Security.Cryptography;
using System.Text;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>
/// A node of a cluster: a private containerd with the images of the tests, a kubelet-like driver, and Pavise on one kind of machine.
/// Disposing it removes every pod and fails when a process, mount, socket, control group or file of them survives.
/// </summary>
internal sealed class PodNode : IAsyncDisposable
{
    public const string Busybox = "docker.io/library/busybox:latest", Redis = "docker.io/library/redis:latest";

    private PodNode(CriContainerd containerd)
    {
        Containerd = containerd;
        Kubelet = new(containerd);
    }

    public CriContainerd Containerd { get; }

    public Kubelet Kubelet { get; }

    /// <summary>Root hash of the busybox image.</summary>
    public required string BusyboxHash { get; init; }

    /// <summary>Root hash of the redis image.</summary>
    public required string RedisHash { get; init; }

    public static async Task<PodNode> StartAsync(string machine = "process", string extra = "")
    {
        string folder = Directory.CreateTempSubdirectory("pv-").FullName;
        string configuration = Path.Combine(folder, "config.toml");
        await File.WriteAllTextAsync(configuration, $"""
            machine = "{machine}"
            guest = "{Tree.Guest("development")}"
            cache = "{Path.Combine(Tree.Cache, "pod-images")}"
            {extra}
            """);
        CriContainerd containerd = await CriContainerd.StartAsync(folder, Tree.Bin(""), new Dictionary<string, string> { ["PAVISE_CONFIG"] = configuration });
        (string busyboxRoot, string busybox) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        (_, string redis) = await RedisImage.BuildAsync(Path.Combine(Tree.Cache, "redis"));
        await containerd.ImportAsync(PauseImage.Build(Path.Combine(Tree.Cache, "pause"), busyboxRoot), "localhost/pause");
        await containerd.ImportAsync(busybox, "docker.io/library/busybox");
        await containerd.ImportAsync(redis, "docker.io/library/redis");
        return new(containerd) { BusyboxHash = await Owner.RootHashAsync(busybox), RedisHash = await Owner.RootHashAsync(redis) };
    }

    /// <summary>Admits and starts a pod.</summary>
    /// <param name="runtimeClass"><c>runc</c> or <c>pavise</c>.</param>
    /// <param name="spec">The Pod's <c>spec</c> without the runtime class, in YAML.</param>
    /// <param name="policy">In YAML; only Pavise reads it.</param>
    /// <param name="objects">ConfigMaps and Secrets, in YAML documents.</param>
    public async Task<Pod> RunAsync(string runtimeClass, string spec, string? policy, string objects = "") =>
        await Kubelet.RunAsync(await YamlAsync(runtimeClass, spec, policy, objects));

    /// <summary>Admits a pod that the test brings up step by step.</summary>
    public async Task<Pod> AdmitAsync(string runtimeClass, string spec, string? policy, string objects = "") =>
        Kubelet.Admit(await YamlAsync(runtimeClass, spec, policy, objects));

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
        {{Indented(more, 4)}}
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
        await Containerd.DisposeAsync();
        IReadOnlyList<string> left = Leftovers();
        for (int i = 0; i < 50 && left.Count > 0; i++)
        {
            await Task.Delay(100);
            left = Leftovers();
        }

        Cgroups.Remove(Kubelet.CgroupRoot);
        Directory.Delete(Containerd.Folder, recursive: true);
        Assert.Empty(left);
    }

    /// <summary>Everything of pods that is still there.</summary>
    public IReadOnlyList<string> Leftovers() => [.. Census.Leftovers(Containerd.Folder), .. Kubelet.Leftovers()];

    private static async Task<string> YamlAsync(string runtimeClass, string spec, string? policy, string objects) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: pod
          labels: { app: test }
          annotations: { example.org/note: hello{{(policy is null ? "" : $", dev.pavise.policy: \"{await Owner.AnnotationAsync(policy)}\"")}} }
        spec:
          runtimeClassName: {{runtimeClass}}
        {{Indented(spec, 2)}}
        {{(objects.Length > 0 ? "---\n" + objects : "")}}
        """;

    private static string Indented(string text, int by) => string.Join('\n', text.Split('\n').Select(l => l.Length > 0 ? new string(' ', by) + l : l));
}
