using Pavise.Guest.Transport;

namespace Pavise.Guest.Files;

/// <summary>The shared volumes of the pod: each is mounted once, shared by the containers that have it, gone with the pVM.</summary>
/// <param name="transport">Leads to the host.</param>
internal sealed class SharedVolumes(IBoundaryTransport transport) : IDisposable
{
    private readonly Dictionary<string, SharedVolume> mounted = [];
    private readonly Lock gate = new();

    /// <summary>Gets what the host did in a volume that it may not: volume, what.</summary>
    public Action<string, string> Violated { get; set; } = (_, _) => { };

    /// <summary>Mounts a volume in a folder, once.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void Mount(string name, string path)
    {
        lock (gate)
        {
            if (!mounted.ContainsKey(name))
            {
                mounted.Add(name, new SharedVolume(name, path, what => Violated(name, what)));
            }
        }
    }

    /// <summary>Connects a mounted volume to the host, once.</summary>
    /// <exception cref="IOException">The host does not serve it.</exception>
    public void Connect(string name)
    {
        SharedVolume? volume;
        lock (gate)
        {
            volume = mounted.GetValueOrDefault(name);
        }

        (volume ?? throw new IOException("it is not mounted")).Connect(transport);
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (SharedVolume volume in mounted.Values)
            {
                volume.Dispose();
            }

            mounted.Clear();
        }
    }
}
