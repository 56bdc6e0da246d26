namespace Pavise.Guest.Images;

/// <summary>Disks that the visor plugs at logical units of virtio-scsi target 0.</summary>
internal static class ScsiDisks
{
    private const string Disks = "/sys/class/scsi_disk";
    private const string Hosts = "/sys/class/scsi_host";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Waits for the disk and returns its device as MAJOR:MINOR.</summary>
    /// <exception cref="TimeoutException">No disk came.</exception>
    public static async Task<string> FindAsync(uint slot, CancellationToken cancellation)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < Longest; waited += Step)
        {
            if (waited.Ticks % TimeSpan.FromMilliseconds(250).Ticks == 0)
            {
                Scan(slot);
            }

            if (Find(slot) is { } device)
            {
                return device;
            }

            await Task.Delay(Step, cancellation);
        }

        throw new TimeoutException($"no disk appeared at slot {slot}");
    }

    /// <summary>The kernel's name, such as <c>sda</c>, of a device by MAJOR:MINOR.</summary>
    public static string Name(string device) => Path.GetFileName(Directory.ResolveLinkTarget($"/sys/dev/block/{device}", returnFinalTarget: false)?.FullName ?? device);

    private static string? Find(uint slot)
    {
        if (!Directory.Exists(Disks))
        {
            return null;
        }

        foreach (string disk in Directory.EnumerateDirectories(Disks, $"*:0:0:{slot}"))
        {
            string block = Path.Combine(disk, "device", "block");
            string? name = Directory.Exists(block) ? Directory.EnumerateDirectories(block).FirstOrDefault() : null;
            if (name is not null && File.Exists(Path.Combine(name, "dev")))
            {
                return File.ReadAllText(Path.Combine(name, "dev")).Trim();
            }
        }

        return null;
    }

    /// <summary>Asks each host adapter to look at the unit now: the hot-plug event may have been raised before the driver was loaded.</summary>
    private static void Scan(uint slot)
    {
        if (!Directory.Exists(Hosts))
        {
            return;
        }

        foreach (string host in Directory.EnumerateDirectories(Hosts))
        {
            File.WriteAllText(Path.Combine(host, "scan"), $"0 0 {slot}");
        }
    }
}
