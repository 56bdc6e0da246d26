using System.Security.Cryptography;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Volumes;

/// <summary>One volume from its opening to its end.</summary>
internal sealed class EncryptedVolume
{
    private const int Attempts = 60;
    private const int SaltBytes = 16;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly EncryptedVolumePlan plan;
    private readonly VolumeDisk disk;
    private readonly VolumeKeys keys;
    private readonly IVolumeGrant grant;
    private VolumeHeader header;
    private VolumeDevices? devices;

    private EncryptedVolume(EncryptedVolumePlan plan, VolumeDisk disk, VolumeKeys keys, IVolumeGrant grant, VolumeHeader header) =>
        (this.plan, this.disk, this.keys, this.grant, this.header) = (plan, disk, keys, grant, header);

    /// <summary>Opens and mounts a volume; makes it where there was none.</summary>
    /// <param name="plan">The volume.</param>
    /// <param name="policy">The policy's name.</param>
    /// <param name="disk">Where the host has plugged it.</param>
    /// <param name="grant">Its key and its generation.</param>
    /// <param name="place">Where it is mounted.</param>
    /// <param name="tools">What making it takes.</param>
    /// <exception cref="VolumeException">It is not this volume, or older than the broker knows, or damaged.</exception>
    public static async Task<EncryptedVolume> OpenAsync(EncryptedVolumePlan plan, string policy, VolumeDisk disk, IVolumeGrant grant, string place, VolumeTools tools)
    {
        VolumeKeys keys = new(grant.Secret.Span, policy, plan.Name);
        EncryptedVolume volume = new(plan, disk, keys, grant, Judge(plan, disk, keys, grant));
        try
        {
            await volume.OpenAsync(place, tools);
            return volume;
        }
        catch
        {
            volume.devices?.Close();
            keys.Dispose();
            throw;
        }
    }

    /// <summary>Unmounts it, and registers that it was left clean.</summary>
    /// <param name="place">Where it is mounted.</param>
    public async Task CloseAsync(string place)
    {
        await UnmountAsync(place);
        devices!.Close();
        await RegisterAsync(VolumeState.Clean);
        keys.Dispose();
    }

    /// <summary>What the image is, and whether it may be used.</summary>
    /// <returns>Its header, or that of a volume to be made.</returns>
    private static VolumeHeader Judge(EncryptedVolumePlan plan, VolumeDisk disk, VolumeKeys keys, IVolumeGrant grant)
    {
        ulong size = VolumeLayout.Usable(plan.SizeBytes);
        if (disk.Bytes < size)
        {
            throw new VolumeException($"the image of the volume {plan.Name} has {disk.Bytes} bytes, the policy says {size}: it was cut, or not enlarged");
        }

        VolumeHeader? header = disk.Header(keys);
        if (header is null && !disk.IsEmpty)
        {
            throw new VolumeException($"the image of the volume {plan.Name} does not open: it belongs to another key, policy or volume, or is damaged");
        }

        if (grant.Registered is { } registered && VolumeGeneration.Refusal(header, registered) is { } refusal)
        {
            throw new VolumeException($"the volume {plan.Name} is refused: {refusal}");
        }

        if (header is { State: not VolumeState.Formatting } && header.SizeBytes > size)
        {
            throw new VolumeException($"the volume {plan.Name} has {header.SizeBytes} bytes, the policy says {size}: a volume does not shrink");
        }

        // With freshness the broker's number is what comes before; a header that was not registered has another.
        long before = grant.Registered ?? header?.Generation ?? 0;
        return header is { State: not VolumeState.Formatting }
            ? header with { Generation = before, SizeBytes = size }
            : new VolumeHeader((header?.Sequence ?? 0) + 1, VolumeGeneration.Next(before), before, size, VolumeState.Formatting, RandomNumberGenerator.GetBytes(SaltBytes));
    }

    private async Task OpenAsync(string place, VolumeTools tools)
    {
        bool isNew = header.State == VolumeState.Formatting;
        if (isNew)
        {
            // Not registered: what was made only in part is made again.
            disk.Write(header, keys);
            header = header with { Generation = header.Before };
        }
        else
        {
            await RegisterAsync(VolumeState.Open);
        }

        devices = VolumeDevices.Open(plan.Name, disk.Number, disk.Path, header, keys);
        if (isNew)
        {
            await Ext4.MakeAsync(devices.Path, devices.Bytes, tools.Run, tools.Log);
        }

        Ext4.Mount(devices.Path, place);
        try
        {
            if (isNew)
            {
                // Programs such as initdb want an empty folder; no program that would use it is in the guest.
                Directory.Delete(Path.Combine(place, "lost+found"));
                tools.SetOwner(place);
                LinuxSystem.Sync();
                await RegisterAsync(VolumeState.Open);
            }
            else
            {
                Ext4.Grow(devices.Path, devices.Bytes, place);
            }
        }
        catch (Exception e)
        {
            await UnmountAsync(place);
            throw e is LinuxException ? new VolumeException($"the volume {plan.Name} could not be made ready: {e.Message}", e) : e;
        }
    }

    /// <summary>First the header, then the broker: whichever of the two is the last before a kill, the image is recognised.</summary>
    private async Task RegisterAsync(VolumeState state)
    {
        header = header with { Sequence = header.Sequence + 1, Before = header.Generation, Generation = VolumeGeneration.Next(header.Generation), State = state };
        disk.Write(header, keys);
        await grant.RegisterAsync(header.Generation);
    }

    private static async Task UnmountAsync(string place)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                LinuxMounts.Unmount(place);
                return;
            }
            catch (LinuxException) when (attempt < Attempts)
            {
                // The mounts of containers that were just ended go in their own time.
                await Task.Delay(Step);
            }
        }
    }
}

/// <summary>What making a volume takes from the rest of the guest.</summary>
/// <param name="Run">Runs a program with its output in a file; returns its status.</param>
/// <param name="Log">That file.</param>
/// <param name="SetOwner">Gives a new volume's root its owner.</param>
internal sealed record VolumeTools(Func<IReadOnlyList<string>, string, Task<int>> Run, string Log, Action<string> SetOwner);
