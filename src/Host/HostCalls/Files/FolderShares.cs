using Pavise.Boundary.Ttrpc;
using Pavise.Host.Interop;

namespace Pavise.Host.HostCalls.Files;

/// <summary>The folders of this host that the pVM's shared volumes are, by the policy's names for them.</summary>
internal sealed class FolderShares
{
    private readonly Dictionary<string, string> _paths = [];
    private readonly Dictionary<string, SharedFolder> _open = [];
    private readonly Lock _gate = new();

    /// <summary>Names a folder. The same one may be named again.</summary>
    /// <exception cref="TtrpcException">It is none, or the volume is another one already.</exception>
    public void Add(string volume, string path)
    {
        if (!Directory.Exists(path))
        {
            throw new TtrpcException(TtrpcStatus.FailedPrecondition, $"the shared volume {volume} cannot be {path}: that is not a folder");
        }

        lock (_gate)
        {
            if (!_paths.TryAdd(volume, path) && _paths[volume] != path)
            {
                throw new TtrpcException(TtrpcStatus.FailedPrecondition, $"the shared volume {volume} is {_paths[volume]} already, and cannot be {path} too: give it another name in the policy");
            }
        }
    }

    /// <summary>The folder of a volume, for one connection more; null where it was not named, or has as many as it may.</summary>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public SharedFolder? Enter(string volume)
    {
        lock (_gate)
        {
            if (!_paths.TryGetValue(volume, out string? path))
            {
                return null;
            }

            if (!_open.TryGetValue(volume, out SharedFolder? folder))
            {
                folder = new SharedFolder(VolumeFolder.OpenRoot(path));
                _open.Add(volume, folder);
            }

            return folder.Lanes++ < Boundary.HostCalls.Files.FileLimits.Lanes ? folder : null;
        }
    }

    /// <summary>A connection ended; with the last one everything is closed.</summary>
    public void Leave(string volume)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(volume, out SharedFolder? folder) && --folder.Lanes == 0)
            {
                _open.Remove(volume);
                folder.Dispose();
            }
        }
    }
}
