#if PAVISE_DEVELOPMENT
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Boot;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;
using Pavise.Verity;

namespace Pavise.Guest.Images;

/// <summary>
/// On the process machine, whose kernel may have no device mapper: the whole file is checked against the root hash, then mounted through a
/// loop device. A file that was checked before and has not changed since (by size and time) is not read again;
/// the host could forge that, as it can everything on this machine.
/// </summary>
internal sealed class ProcessImages(GuestEnvironment environment) : MountedImages(environment)
{
    private const int ErrnoNoDevice = 19;

    protected override async Task MountAsync(AttachImagePlan plan, string path, CancellationToken cancellation)
    {
        string link = Path.Combine(Environment.ImageDirectory!, plan.Slot.ToString(CultureInfo.InvariantCulture));
        string image = File.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? link;
        await Task.Run(() => Check(image, plan), cancellation);
        using SafeFileHandle file = File.OpenHandle(image);
        (SafeFileHandle device, string devicePath) = LoopDevice.Attach(file);
        using (device)
        {
            try
            {
                LinuxMounts.Mount(devicePath, path, "erofs", MountFlags.ReadOnly | MountFlags.NoDev);
                return;
            }
            catch (LinuxException e) when (e.Errno == ErrnoNoDevice)
            {
                // This kernel has no erofs.
            }
        }

        LinuxMounts.Mount("tmpfs", path, "tmpfs", MountFlags.NoDev, "mode=0755");
        await Task.Run(() => ErofsUnpacker.Unpack(image, path), cancellation);
        LinuxMounts.Mount("none", path, "none", MountFlags.Remount | MountFlags.ReadOnly | MountFlags.NoDev);
    }

    private static void Check(string image, AttachImagePlan plan)
    {
        string stampFile = $"{image}.verified";
        string stamp = $"{plan.Root.Hex} {plan.DataBlocks} {new FileInfo(image).Length} {File.GetLastWriteTimeUtc(image).Ticks}";
        if (File.Exists(stampFile) && File.ReadAllText(stampFile) == stamp)
        {
            return;
        }

        using FileStream stream = File.OpenRead(image);
        if (!VerityCheck.Verify(stream, plan.Root.ToArray(), plan.DataBlocks))
        {
            throw new InvalidDataException("the image's content does not have the root hash that the policy names");
        }

        try
        {
            File.WriteAllText(stampFile, stamp);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only the next start takes longer.
        }
    }
}
#endif
