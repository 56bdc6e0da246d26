using Pavise.Boundary.GuestApi;
using Pavise.Host.Visor;

namespace Pavise.Host.Bundles;

/// <summary>Plugs the encrypted volumes that the policy has, from the configuration's bind mounts and block devices at the same places.</summary>
internal static class HostVolumes
{
    /// <exception cref="HostException">The configuration has nothing there, or it cannot be used.</exception>
    /// <exception cref="Boundary.Ttrpc.TtrpcException">The guest refused.</exception>
    public static async Task AttachAsync(ISandbox sandbox, GuestClient guest, string containerId, BundleConfig config, IEnumerable<WantedVolume> wanted, CancellationToken cancellation)
    {
        foreach (WantedVolume volume in wanted)
        {
            string source = config.HostPath(volume.Mount) ?? config.DevicePath(volume.Mount)
                ?? throw new HostException($"the policy has the encrypted volume {volume.Name} at {volume.Mount}, and the configuration has neither a bind mount nor a block device there to hold its image");
            uint slot = await sandbox.PlugVolumeAsync(source, volume.Name, volume.Bytes, cancellation);
            await guest.AttachVolumeAsync(new AttachVolumeRequest { ContainerId = containerId, Mount = volume.Mount, Slot = slot }, cancellation);
        }
    }
}
