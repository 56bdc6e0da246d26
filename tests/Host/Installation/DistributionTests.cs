using Pavise.Host.Installation;

namespace Pavise.Host.Tests.Installation;

public sealed class DistributionTests : IDisposable
{
    private const string Folder = "/var/lib/rancher/k3s/agent/etc/containerd";

    private readonly FakeNode node = new();

    public void Dispose() => node.Dispose();

    [Theory]
    [InlineData(2, "config.toml.tmpl", "io.containerd.grpc.v1.cri")]
    [InlineData(3, "config-v3.toml.tmpl", "io.containerd.cri.v1.runtime")]
    public async Task On_k3s_a_template_is_written_for_the_version_it_generates_and_removed_again(int version, string template, string plugin)
    {
        K3s(version, readsTemplate: true);
        SortedDictionary<string, string> before = node.Everything();
        await node.InstallAsync();
        string text = node.Read($"{Folder}/{template}");
        Assert.StartsWith("{{ template \"base\" . }}\n", text, StringComparison.Ordinal);
        Assert.Contains($"[plugins.\"{plugin}\".containerd.runtimes.pavise]", text, StringComparison.Ordinal);
        await node.UninstallAsync();
        Assert.Equal(before, node.Everything());
    }

    [Fact]
    public async Task A_k3s_that_does_not_read_the_template_is_found_and_everything_put_back()
    {
        K3s(2, readsTemplate: false);
        HostException e = await Assert.ThrowsAsync<HostException>(() => node.InstallAsync());
        Assert.Contains("does not read", e.Message, StringComparison.Ordinal);
        Assert.False(node.Exists($"{Folder}/config.toml.tmpl"));
    }

    [Theory]
    [InlineData("k3s", "k3s", "/var/lib/rancher/k3s")]
    [InlineData("k3s-agent", "k3s", "/var/lib/rancher/k3s")]
    [InlineData("rke2-agent", "rke2", "/var/lib/rancher/rke2")]
    public void The_unit_that_is_restarted_is_the_one_the_node_has(string unit, string distribution, string folder)
    {
        node.Write($"{folder}/agent/etc/containerd/config.toml", "version = 2\n");
        node.Write($"/etc/systemd/system/{unit}.service", "");
        ContainerdTarget target = ContainerdTarget.Find(new HostRoot(node.Folder), distribution);
        Assert.Equal(unit, target.Service);
        Assert.Equal("/run/k3s/containerd/containerd.sock", target.Socket);
        Assert.Equal(target, ContainerdTarget.Find(new HostRoot(node.Folder), "auto"));
    }

    [Fact]
    public void A_named_distribution_that_is_not_there_is_an_error() => Assert.Throws<HostException>(() => ContainerdTarget.Find(new HostRoot(node.Folder), "k3s"));

    [Fact]
    public void Links_of_the_node_stay_on_the_node()
    {
        HostRoot root = new(node.Folder);
        Directory.CreateDirectory(node.Folder + "/var/opt");
        File.CreateSymbolicLink(node.Folder + "/opt", "var/opt");
        File.CreateSymbolicLink(node.Folder + "/absolute", "/etc/passwd");
        File.CreateSymbolicLink(node.Folder + "/outward", "../../../etc/passwd");
        File.CreateSymbolicLink(node.Folder + "/circle", "circle");
        Assert.Equal(node.Folder + "/var/opt/new/file", root.Map("/opt/new/file"));
        Assert.Equal(node.Folder + "/etc/passwd", root.Map("/absolute"));
        Assert.Equal(node.Folder + "/etc/passwd", root.Map("/outward"));
        Assert.Equal(node.Folder + "/etc", root.Map("/../../etc"));
        Assert.Throws<HostException>(() => root.Map("/circle"));
    }

    /// <summary>A k3s that makes its configuration at each start, from the template when it reads it.</summary>
    private void K3s(int version, bool readsTemplate)
    {
        node.Write($"{Folder}/config.toml", $"version = {version}\n");
        node.Write("/etc/systemd/system/k3s.service", "");
        node.OnRestart = () =>
        {
            string template = $"{Folder}/{(version == 3 ? "config-v3" : "config")}.toml.tmpl";
            node.Write($"{Folder}/config.toml", readsTemplate && node.Exists(template) ? node.Read(template).Replace("{{ template \"base\" . }}\n\n", $"version = {version}\n", StringComparison.Ordinal) : $"version = {version}\n");
        };
    }
}
