namespace Pavise.Guest.Boot;

/// <summary>
/// The devices that a pVM has, in number and kind: one virtio-vsock, one virtio-scsi controller, and on q35 the machine's own chips and nothing else. A device more means a driver
/// more that reads what the host writes, or a second way out.
/// </summary>
internal static class BusDevices
{
    private const string VirtioVendor = "0x1af4";

    /// <summary>Virtio device numbers (virtio 1.2, section 5).</summary>
    private static readonly Dictionary<string, string> Virtio = new() { ["0x0013"] = "virtio-vsock", ["0x0008"] = "virtio-scsi" };

    /// <summary>PCI numbers of the same two (0x1040 and the virtio number; section 4.1.2).</summary>
    private static readonly string[] VirtioPci = ["0x1053", "0x1048"];

    /// <summary>q35's own: host bridge, LPC, SATA and SMBus controllers of ICH9. The image has no driver for the last two.</summary>
    private static readonly string[] Chipset = ["0x8086:0x29c0", "0x8086:0x2918", "0x8086:0x2922", "0x8086:0x2930"];

    private static readonly string[] Sealed = ["virtio", "pci", "platform"];

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="buses">/sys/bus.</param>
    public static string? Problem(string buses) => PciProblem(Path.Combine(buses, "pci/devices")) ?? VirtioProblem(Path.Combine(buses, "virtio/devices"));

    /// <summary>A device that appears later is given to no driver.</summary>
    public static void Seal(string buses)
    {
        foreach (string probe in Sealed.Select(b => Path.Combine(buses, b, "drivers_autoprobe")).Where(File.Exists))
        {
            File.WriteAllText(probe, "0");
        }
    }

    private static string? VirtioProblem(string folder)
    {
        string[] kinds = [.. Devices(folder).Select(d => Read(d, "device"))];
        string? unknown = kinds.FirstOrDefault(k => !Virtio.ContainsKey(k));
        return unknown is not null ? $"a virtio device of kind {unknown}, which this guest does not expect"
            : Virtio.Where(v => kinds.Count(k => k == v.Key) != 1).Select(v => $"{kinds.Count(k => k == v.Key)} {v.Value} devices instead of one").FirstOrDefault();
    }

    private static string? PciProblem(string folder) => Devices(folder)
        .Select(d => (Name: Path.GetFileName(d), Vendor: Read(d, "vendor"), Kind: Read(d, "device")))
        .Where(d => !(d.Vendor == VirtioVendor && VirtioPci.Contains(d.Kind)) && !Chipset.Contains($"{d.Vendor}:{d.Kind}"))
        .Select(d => $"a PCI device {d.Vendor}:{d.Kind} at {d.Name}, which this guest does not expect")
        .FirstOrDefault();

    private static IEnumerable<string> Devices(string folder) => Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal) : [];

    private static string Read(string device, string name) => File.ReadAllText(Path.Combine(device, name)).Trim();
}
