using Pavise.Host.Machines;

namespace Pavise.Host.Configuration;

/// <summary>The node's configuration, <c>/etc/pavise/config.toml</c> (docs/design/layout.md). Absent keys have these defaults.</summary>
public sealed record HostConfiguration
{
    /// <summary>What to run pVMs on; null is <c>auto</c>, the strongest the machine really has.</summary>
    public MachineKind? Machine { get; init; }

    /// <summary>Folder of the guest image; null is the first of the usual places that exists.</summary>
    public string? Guest { get; init; }

    /// <summary>Policy used when neither annotation nor bundle carries one; null for none.</summary>
    public string? Policy { get; init; }

    /// <summary>Folder of the image cache.</summary>
    public string Cache { get; init; } = "/var/lib/pavise/images";

    /// <summary>Construct from the host's specification; works with a development guest image only.</summary>
    public bool Unshielded { get; init; }

    /// <summary>How long the guest may take to answer <c>Bind</c>, from 1 to 3600 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How QEMU is started.</summary>
    public QemuConfiguration Qemu { get; init; } = new();
}
