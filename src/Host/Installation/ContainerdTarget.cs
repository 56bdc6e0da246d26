namespace Pavise.Host.Installation;

/// <summary>The containerd of a node: where its configuration is, how it is restarted, where it answers.</summary>
/// <param name="Configuration">The file to add to: the configuration itself, or k3s's template.</param>
/// <param name="Generated">The configuration that is generated from the template; null where there is no template.</param>
/// <param name="Service">The systemd unit; null: somebody else restarts it.</param>
/// <param name="Socket">Its socket.</param>
internal sealed record ContainerdTarget(string Configuration, string? Generated, string? Service, string Socket)
{
    private const string UnitFolders = "/etc/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system";

    private static readonly (string Product, string Folder, string[] Services)[] Generators =
    [
        ("k3s", "/var/lib/rancher/k3s/agent/etc/containerd", ["k3s-agent", "k3s"]),
        ("rke2", "/var/lib/rancher/rke2/agent/etc/containerd", ["rke2-agent", "rke2-server"]),
    ];

    /// <summary>Names of distributions, as the option takes them.</summary>
    public static IReadOnlyList<string> Distributions { get; } = ["auto", "containerd", .. Generators.Select(g => g.Product)];

    /// <summary>Finds the node's containerd.</summary>
    /// <param name="root">The node.</param>
    /// <param name="distribution">One of <see cref="Distributions"/>.</param>
    /// <exception cref="HostException">The named distribution is not there.</exception>
    public static ContainerdTarget Find(HostRoot root, string distribution)
    {
        foreach ((string product, string folder, string[] services) in Generators)
        {
            string generated = $"{folder}/config.toml";
            if (distribution == product || (distribution == "auto" && File.Exists(root.Map(generated))))
            {
                if (!File.Exists(root.Map(generated)))
                {
                    throw new HostException($"there is no {generated} on the node; start {product} once, so that it makes its configuration");
                }

                bool third = ContainerdToml.Parse(File.ReadAllBytes(root.Map(generated)), generated).Version == 3;
                return new($"{folder}/{(third ? "config-v3.toml.tmpl" : "config.toml.tmpl")}", generated, services.FirstOrDefault(s => HasUnit(root, s)), "/run/k3s/containerd/containerd.sock");
            }
        }

        return new("/etc/containerd/config.toml", null, HasUnit(root, "containerd") ? "containerd" : null, "/run/containerd/containerd.sock");
    }

    /// <summary>The CRI plugin's name that a template is for.</summary>
    public string TemplatePlugin => Configuration.EndsWith("config-v3.toml.tmpl", StringComparison.Ordinal) ? ConfigurationMerge.PluginOfVersion3 : ConfigurationMerge.PluginOfVersion2;

    private static bool HasUnit(HostRoot root, string service) => UnitFolders.Split(' ').Any(f => File.Exists(root.Map($"{f}/{service}.service")));
}
