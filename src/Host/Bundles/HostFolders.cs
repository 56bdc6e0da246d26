using Pavise.Boundary.GuestApi;
using Pavise.Host.Visor;

namespace Pavise.Host.Bundles;

/// <summary>Names the folders that the policy's shared volumes are: the sources of the configuration's bind mounts at the same places.</summary>
internal static class HostFolders
{
    /// <exception cref="HostException">The configuration has nothing there, or it is no folder.</exception>
    public static async Task ShareAsync(ISandbox sandbox, BundleConfig config, IEnumerable<WantedFolder> wanted, CancellationToken cancellation)
    {
        foreach (WantedFolder folder in wanted)
        {
            string path = config.HostPath(folder.Mount)
                ?? throw new HostException($"the policy has the shared volume {folder.Name} at {folder.Mount}, and the configuration has no bind mount there");
            await sandbox.ShareFolderAsync(folder.Name, path, cancellation);
        }
    }
}
