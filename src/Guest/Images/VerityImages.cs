using System.Globalization;
using Pavise.Guest.Boot;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;
using Pavise.Verity;

namespace Pavise.Guest.Images;

/// <summary>
/// In a VM: dm-verity over a virtio-scsi disk, erofs on it. The kernel checks each block when it is read; a block that does not match never
/// becomes data: while the image is attached it gives an error, which the host hears, and from then on it ends the guest. The salt is derived
/// from the number of data blocks, so a host that lies about it fails every check.
/// </summary>
internal sealed class VerityImages(GuestEnvironment environment, ModuleLoader modules) : MountedImages(environment)
{
    private const int SectorBytes = 512;

    // One optional argument (Documentation/admin-guide/device-mapper/verity.rst). With panic=-1 on the command line a panic ends the machine.
    private const string EndOnCorruption = " 1 panic_on_corruption";

    private readonly ImageWatch watch = new();

    protected override async Task MountAsync(AttachImagePlan plan, string path, CancellationToken cancellation)
    {
        Task drivers = modules.LoadAsync("verity", "erofs");
        await modules.LoadAsync("scsi");
        watch.Start();
        string disk = await ScsiDisks.FindAsync(plan.Slot, cancellation);
        await drivers;
        string name = $"pavise-{plan.Root.Hex[..16]}";
        ulong sectors = checked(plan.DataBlocks * (VerityFormat.BlockBytes / SectorBytes));
        uint minor = DeviceMapper.CreateReadOnly(name, sectors, "verity", Table(disk, plan));
        try
        {
            LinuxMounts.Mount($"/dev/dm-{minor}", path, "erofs", MountFlags.ReadOnly | MountFlags.NoDev);
        }
        catch (LinuxException)
        {
            DeviceMapper.Remove(name);
            throw;
        }

        DeviceMapper.ReplaceReadOnly(name, sectors, "verity", Table(disk, plan) + EndOnCorruption);
        watch.Add(ScsiDisks.Name(disk));
    }

    /// <summary>The table line of the kernel's dm-verity target (Documentation/admin-guide/device-mapper/verity.rst).</summary>
    internal static string Table(string disk, AttachImagePlan plan) => string.Create(CultureInfo.InvariantCulture,
        $"1 {disk} {disk} {VerityFormat.BlockBytes} {VerityFormat.BlockBytes} {plan.DataBlocks} {checked(plan.DataBlocks + 1)} sha256 {plan.Root.Hex} {Convert.ToHexStringLower(VerityFormat.Salt(plan.DataBlocks))}");
}
