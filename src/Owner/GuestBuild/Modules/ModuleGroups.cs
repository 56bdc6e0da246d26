namespace Pavise.Owner.GuestBuild.Modules;

/// <summary>
/// Which modules the guest can load, by the part of the guest that asks for them. A new need of the guest is a line here; what nothing asks for is
/// not shipped.
/// </summary>
internal static class ModuleGroups
{
    /// <summary>The group that is loaded first; the others leave out what it has, and may be loaded in any order or at once.</summary>
    internal const string First = "base";

    internal static readonly IReadOnlyList<ModuleGroup> All =
    [
        new(First, ["virtio_mmio"], "finds the devices of the microvm machine"),
        new("pci", ["virtio_pci"], "finds the devices of the q35 machine (snp, tdx)"),
        new("vsock", ["vmw_vsock_virtio_transport"], "the only channel to the host"),
        new("scsi", ["virtio_scsi", "sd_mod"], "root images and volumes, plugged while the pVM runs"),
        new("verity", ["dm-verity"], "every block of a root image is checked when it is read"),
        new("erofs", ["erofs"], "the file system of root images"),
        new("overlay", ["overlay"], "writable layer of containers whose policy says `executables: open`"),
        new("net", ["tun", "nft_chain_nat", "nft_redir", "nft_reject_inet"], "the pod's interface and packet rules, for policies with a network"),
        new("volume", ["dm-crypt", "dm-integrity", "authenc", "xts", "aesni-intel", "sha256-ssse3"], "encrypted volumes, for policies that have some"),
        new("fuse", ["fuse"], "shared volumes, for policies that have some"),
        new("tee", ["sev-guest", "tdx-guest"], "the processor's evidence of the launch (snp, tdx)") { Optional = true },
    ];
}

/// <summary>A group: the modules it is about, without their dependencies, and why it is in the guest.</summary>
internal sealed record ModuleGroup(string Name, IReadOnlyList<string> Modules, string Reason)
{
    /// <summary>Whether a kernel may lack its modules: only some are for machines that need them.</summary>
    public bool Optional { get; init; }
}
