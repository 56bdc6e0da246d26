using System.Text.Json.Nodes;
using Pavise.Cri.Node;
using Pavise.Workloads;

namespace Pavise.Trojan.Cluster;

/// <summary>An image that differs from the owner's in one file.</summary>
internal static class TamperedImage
{
    public const string Name = "docker.io/library/tampered:latest";

    /// <summary>Makes and imports it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cache">Where the owner's image lies.</param>
    /// <returns>A folder of programs that stand in for the image's.</returns>
    public static async Task<string> ImportAsync(ClusterNode node, string cache)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(cache, "busybox"));
        string copy = Path.Combine(node.Containerd.Folder, "tampered-root"), layout = Path.Combine(node.Containerd.Folder, "tampered");
        (await Command.RunAsync("cp", ["-a", root, copy])).OrThrow("cp");
        await File.WriteAllTextAsync(Path.Combine(copy, "etc", "evil"), "evil");
        OciImage.Write(copy, layout, "latest", new JsonObject { ["Cmd"] = new JsonArray("sh"), ["Env"] = new JsonArray("PATH=/bin") });
        await node.Containerd.ImportAsync(layout, "docker.io/library/tampered");
        return Path.Combine(copy, "bin");
    }
}
