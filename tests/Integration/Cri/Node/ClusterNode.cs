using Pavise.Workloads;

namespace Pavise.Cri.Node;

/// <summary>Where the built tree is.</summary>
/// <param name="Programs">Folder of the programs.</param>
/// <param name="Guest">Folder of the development guest image.</param>
/// <param name="Cache">Kept between runs: packages, images.</param>
public sealed record BuiltTree(string Programs, string Guest, string Cache);

/// <summary>A node of a cluster in a folder of its own: containerd with images, a kubelet-like driver, Pavise on one kind of machine.</summary>
public sealed class ClusterNode : IAsyncDisposable
{
    public const string Busybox = "docker.io/library/busybox:latest", Redis = "docker.io/library/redis:latest";

    private readonly string pavise;

    private ClusterNode(CriContainerd containerd, string pavise)
    {
        this.pavise = pavise;
        Containerd = containerd;
        Kubelet = new(containerd);
    }

    public CriContainerd Containerd { get; }

    public Kubelet.Kubelet Kubelet { get; }

    /// <summary>Root hash of the busybox image.</summary>
    public required string BusyboxHash { get; init; }

    /// <summary>Root hash of the redis image.</summary>
    public required string RedisHash { get; init; }

    /// <summary>Makes and starts it.</summary>
    /// <param name="tree">The built programs.</param>
    /// <param name="machine">One of Pavise's machines.</param>
    /// <param name="configuration">More lines of Pavise's configuration.</param>
    public static async Task<ClusterNode> StartAsync(BuiltTree tree, string machine, string configuration = "")
    {
        string folder = Directory.CreateTempSubdirectory("pv-").FullName, file = Path.Combine(folder, "config.toml");
        await File.WriteAllTextAsync(file, $"""
            machine = "{machine}"
            guest = "{tree.Guest}"
            cache = "{Path.Combine(tree.Cache, "pod-images")}"
            {configuration}
            """);
        CriContainerd containerd = await CriContainerd.StartAsync(folder, tree.Programs, new Dictionary<string, string> { ["PAVISE_CONFIG"] = file });
        return await PrepareAsync(containerd, tree);
    }

    /// <summary>A node of somebody else's: its containerd gets the images and goes on afterwards.</summary>
    /// <param name="tree">The built programs.</param>
    /// <param name="socket">containerd's socket.</param>
    public static Task<ClusterNode> AttachAsync(BuiltTree tree, string socket) =>
        PrepareAsync(CriContainerd.Attach(Directory.CreateTempSubdirectory("pv-").FullName, socket), tree);

    private static async Task<ClusterNode> PrepareAsync(CriContainerd containerd, BuiltTree tree)
    {
        string pavise = Path.Combine(tree.Programs, "pavise");
        (string busyboxRoot, string busybox) = await BusyboxImage.BuildAsync(Path.Combine(tree.Cache, "busybox"));
        (_, string redis) = await RedisImage.BuildAsync(Path.Combine(tree.Cache, "redis"));
        await containerd.ImportAsync(PauseImage.Build(Path.Combine(tree.Cache, "pause"), busyboxRoot), "localhost/pause");
        await containerd.ImportAsync(busybox, "docker.io/library/busybox");
        await containerd.ImportAsync(redis, "docker.io/library/redis");
        return new(containerd, pavise)
        {
            BusyboxHash = (await Command.RunAsync(pavise, ["image", "hash", busybox])).OrThrow("pavise image hash").Output.Trim(),
            RedisHash = (await Command.RunAsync(pavise, ["image", "hash", redis])).OrThrow("pavise image hash").Output.Trim(),
        };
    }

    /// <summary>A Pod in YAML, with its policy as the annotation that the owner would write.</summary>
    /// <param name="runtimeClass"><c>runc</c> or <c>pavise</c>.</param>
    /// <param name="spec">The Pod's <c>spec</c> without the runtime class, in YAML.</param>
    /// <param name="policy">In YAML; null for none.</param>
    /// <param name="objects">ConfigMaps and Secrets, in YAML documents.</param>
    /// <param name="name">The Pod's name.</param>
    public async Task<string> PodAsync(string runtimeClass, string spec, string? policy, string objects = "", string name = "pod") => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          labels: { app: test }
          annotations: { example.org/note: hello{{(policy is null ? "" : $", dev.pavise.policy: \"{await AnnotationAsync(policy)}\"")}} }
        spec:
          runtimeClassName: {{runtimeClass}}
        {{Indented(spec, 2)}}
        {{(objects.Length > 0 ? "---\n" + objects : "")}}
        """;

    /// <summary>Everything of pods that is still there: nothing, when all are removed.</summary>
    public IReadOnlyList<string> Leftovers() => [.. Census.Leftovers(Containerd.Folder), .. Kubelet.Leftovers()];

    /// <summary>Removes every pod, ends containerd and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await Containerd.DisposeAsync();
        Cgroups.Remove(Kubelet.CgroupRoot);
        Directory.Delete(Containerd.Folder, recursive: true);
    }

    /// <summary>Lines moved to the right.</summary>
    public static string Indented(string text, int by) => string.Join('\n', text.Split('\n').Select(l => l.Length > 0 ? new string(' ', by) + l : l));

    private async Task<string> AnnotationAsync(string policy)
    {
        string file = Path.Combine(Containerd.Folder, $"policy-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, policy);
        string annotation = (await Command.RunAsync(pavise, ["policy", "annotation", file])).OrThrow("pavise policy annotation").Output.Trim();
        File.Delete(file);
        return annotation;
    }
}
