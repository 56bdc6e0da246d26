using Pavise.Boundary.Ttrpc;
using Pavise.Host.Visor;

namespace Pavise.Host.Shim.Sandboxes;

/// <summary>Ends and removes what a shim that was killed left of a sandbox.</summary>
internal static class SandboxLeftovers
{
    /// <summary>Removes a sandbox directory with whatever still runs in it; nothing happens where there is none.</summary>
    public static async Task RemoveAsync(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        try
        {
            await Sandbox.Open(directory).StopAsync(TimeSpan.Zero, CancellationToken.None);
        }
        catch (Exception e) when (e is HostException or IOException or TtrpcException)
        {
            SandboxRemoval.Remove(directory, everything: true);
        }
    }
}
