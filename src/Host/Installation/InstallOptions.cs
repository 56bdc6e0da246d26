namespace Pavise.Host.Installation;

/// <summary>What to install, and where.</summary>
/// <param name="Root">The node.</param>
/// <param name="Payload">Folder with <c>bin</c> (programs) and <c>guest</c> (guest images by flavour), not on the node.</param>
internal sealed record InstallOptions(HostRoot Root, string Payload)
{
    /// <summary>Folder of the node's programs; in containerd's PATH.</summary>
    public string ProgramFolder { get; init; } = "/usr/local/bin";

    /// <summary>Folder of the node's guest images.</summary>
    public string GuestFolder { get; init; } = "/usr/share/pavise/guest";

    /// <summary>Which guest image the node starts.</summary>
    public string Flavour { get; init; } = "production";

    /// <summary>Machine of the node, as <c>config.toml</c> has it.</summary>
    public string Machine { get; init; } = "auto";

    /// <summary>QEMU on the node.</summary>
    public string Vmm { get; init; } = new Configuration.QemuConfiguration().Path;

    /// <summary>OVMF firmware on the node; null for machines that need none.</summary>
    public string? Firmware { get; init; }

    /// <summary>Which containerd to look for.</summary>
    public string Distribution { get; init; } = "auto";

    /// <summary>Another configuration than the found containerd's.</summary>
    public string? Configuration { get; init; }

    /// <summary>Another unit than the found one's; empty: it is not restarted.</summary>
    public string? Service { get; init; }

    /// <summary>Another socket than the found one's.</summary>
    public string? Socket { get; init; }

    /// <summary>Replace programs that stand there and are not the installer's; end although pVMs run.</summary>
    public bool Force { get; init; }

    /// <summary>How long containerd may take to answer after its restart.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The node's containerd.</summary>
    public ContainerdTarget Target()
    {
        ContainerdTarget found = ContainerdTarget.Find(Root, Distribution);
        return found with
        {
            Configuration = Configuration ?? found.Configuration,
            Generated = Configuration is null ? found.Generated : null,
            Service = Service is null ? found.Service : Service.Length == 0 ? null : Service,
            Socket = Socket ?? found.Socket,
        };
    }
}
