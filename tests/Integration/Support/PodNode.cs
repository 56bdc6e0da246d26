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

    private readonly string folder;

    private PodNode(string folder, CriContainerd containerd) => (this.folder, Containerd, Kubelet) = (folder, containerd, new(containerd));

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
        return new(folder, containerd) { BusyboxHash = await Owner.RootHashAsync(busybox), RedisHash = await Owner.RootHashAsync(redis) };
    }

    public async ValueTask DisposeAsync()
    {
        await Containerd.DisposeAsync();
        IReadOnlyList<string> left = Census.Leftovers(folder);
        for (int i = 0; i < 50 && left.Count > 0; i++)
        {
            await Task.Delay(100);
            left = Census.Leftovers(folder);
        }

        Cgroups.Remove(Kubelet.CgroupRoot);
        Directory.Delete(folder, recursive: true);
        Assert.Empty(left);
    }
}
