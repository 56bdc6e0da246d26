using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Vmm;

namespace Pavise.Host.Visor;

/// <summary>The root images and volumes of one pVM: each is plugged once, whichever containers use it.</summary>
internal sealed class ImageSlots(IPvm pvm)
{
    // virtio-scsi has 16,384; a pod has few images.
    private const uint Most = 256;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, uint> _plugged = [];

    /// <summary>Plugs an image and returns its slot.</summary>
    /// <exception cref="TtrpcException">It cannot be plugged; the message names it.</exception>
    public Task<uint> PlugAsync(string path, CancellationToken cancellation) => PlugAsync(path, "image", slot => pvm.PlugAsync(slot, path, cancellation), cancellation);

    /// <summary>Plugs an encrypted volume and returns its slot.</summary>
    /// <exception cref="TtrpcException">It cannot be plugged; the message names it.</exception>
    public Task<uint> PlugVolumeAsync(string source, string volume, ulong bytes, CancellationToken cancellation) => PlugAsync(Path.Join(source, VolumeSource.FileName(volume)), "volume", async slot =>
    {
        using SafeFileHandle image = VolumeSource.Open(source, volume, bytes);
        await pvm.PlugVolumeAsync(slot, image, cancellation);
    }, cancellation);

    private async Task<uint> PlugAsync(string path, string what, Func<uint, Task> plug, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_plugged.TryGetValue(path, out uint known))
            {
                return known;
            }

            uint slot = (uint)_plugged.Count;
            if (slot == Most)
            {
                throw new TtrpcException(TtrpcStatus.ResourceExhausted, $"a pVM has at most {Most} images and volumes");
            }

            await plug(slot);
            _plugged.Add(path, slot);
            return slot;
        }
        catch (Exception e) when (e is HostException or IOException or UnauthorizedAccessException)
        {
            throw new TtrpcException(TtrpcStatus.Internal, $"the {what} {path} could not be plugged: {e.Message}");
        }
        finally
        {
            _turn.Release();
        }
    }
}
