using CsCheck;
using Pavise.Guest.Boot;

namespace Pavise.Guest.Tests.Boot;

/// <summary>What the guest asks of the machine that it finds itself in.</summary>
public sealed class ExpectedMachineTests : IDisposable
{
    private static readonly string[] Lines = ["kvm: quiet reboot=t", "snp: quiet", "tcg: quiet reboot=t swiotlb=16384,force"];

    private readonly DirectoryInfo buses = Directory.CreateTempSubdirectory("pavise-bus-");

    public void Dispose() => buses.Delete(recursive: true);

    [Theory]
    [InlineData("quiet\n", false)]
    [InlineData("quiet reboot=t\n", false)]
    [InlineData("quiet reboot=t swiotlb=16384,force tsc_early_khz=2596150\n", false)]
    [InlineData("quiet reboot=t swiotlb=16384,force console=ttyS0 tsc_early_khz=2596150\n", true)]
    [InlineData("quiet console=ttyS0", true)]
    public void A_line_of_the_image_is_accepted_with_what_tcg_and_development_need(string line, bool development) =>
        Assert.Null(KernelCommandLine.Problem(line, Lines, development));

    [Theory]
    [InlineData("", true)]
    [InlineData("quie", true)]
    [InlineData("quietly", true)]
    [InlineData("quiet debug", true)]
    [InlineData("debug quiet", true)]
    [InlineData("quiet rdinit=/bin/sh", true)]
    [InlineData("quiet tsc_early_khz=1", true)] // tcg's alone
    [InlineData("quiet console=ttyS0", false)]
    [InlineData("quiet console=ttyS1", true)]
    [InlineData("quiet console=ttyS0 console=ttyS0", true)]
    [InlineData("quiet reboot=t swiotlb=16384,force tsc_early_khz=1 tsc_early_khz=2", true)]
    [InlineData("quiet reboot=t swiotlb=16384,force tsc_early_khz=", true)]
    [InlineData("quiet reboot=t swiotlb=16384,force tsc_early_khz=123456789", true)]
    [InlineData("quiet reboot=t swiotlb=16384,force tsc_early_khz=1x", true)]
    [InlineData("quiet reboot=t swiotlb=16384,force\tdebug", true)]
    public void Any_other_line_is_named(string line, bool development) =>
        Assert.Contains("command line", KernelCommandLine.Problem(line, Lines, development), StringComparison.Ordinal);

    [Fact]
    public void An_added_word_is_never_accepted_in_production() => Gen.String[Gen.Char['!', '~'], 1, 20].Where(w => !w.StartsWith("tsc_early_khz=", StringComparison.Ordinal)).Sample(word =>
        Assert.All(Lines, l => Assert.True(KernelCommandLine.Problem($"{l[5..]} {word}", Lines, development: false) is not null || Lines.Any(o => o[5..] == $"{l[5..]} {word}"))));

    [Theory]
    [InlineData("flags\t\t: fpu rdrand sse\n", true)]
    [InlineData("flags\t\t: fpu rdrand sse\n\nflags\t\t: fpu rdrand\n", true)]
    [InlineData("flags\t\t: fpu rdrand sse\n\nflags\t\t: fpu sse\n", false)]
    [InlineData("flags\t\t: fpu rdrandom sse\n", false)]
    [InlineData("model name\t: rdrand \n", false)]
    [InlineData("", false)]
    public void Without_RDRAND_on_every_processor_nothing_starts_but_an_emulated_development_image(string cpuinfo, bool has)
    {
        Assert.Equal(has, RandomInstruction.Problem(cpuinfo, mayLack: false) is null);
        Assert.Null(RandomInstruction.Problem(cpuinfo, mayLack: true));
    }

    [Fact]
    public void The_two_devices_of_a_pVM_are_expected_on_either_bus()
    {
        Virtio("0x0013", "0x0008");
        Assert.Null(BusDevices.Problem(buses.FullName));
        Pci("0x8086:0x29c0", "0x8086:0x2918", "0x8086:0x2922", "0x8086:0x2930", "0x1af4:0x1053", "0x1af4:0x1048");
        Assert.Null(BusDevices.Problem(buses.FullName));
    }

    [Theory]
    [InlineData("0 virtio-vsock devices", "0x0008")]
    [InlineData("0 virtio-scsi devices", "0x0013")]
    [InlineData("2 virtio-vsock devices", "0x0013", "0x0013", "0x0008")]
    [InlineData("2 virtio-scsi devices", "0x0013", "0x0008", "0x0008")]
    [InlineData("kind 0x0001", "0x0013", "0x0008", "0x0001")]
    [InlineData("kind 0x0002", "0x0002", "0x0013", "0x0008")]
    [InlineData("kind 0x0004", "0x0013", "0x0004", "0x0008")]
    public void A_virtio_device_too_many_too_few_or_of_another_kind_is_named(string named, params string[] kinds)
    {
        Virtio(kinds);
        Assert.Contains(named, BusDevices.Problem(buses.FullName), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x8086:0x100e")]
    [InlineData("0x1af4:0x1041")]
    [InlineData("0x1af4:0x1000")]
    [InlineData("0x1234:0x1053")]
    [InlineData("0x1b36:0x0008")]
    public void A_PCI_device_that_is_neither_q35s_own_nor_one_of_the_two_is_named(string device)
    {
        Virtio("0x0013", "0x0008");
        Pci("0x8086:0x29c0", device);
        Assert.Contains(device, BusDevices.Problem(buses.FullName), StringComparison.Ordinal);
    }

    [Fact]
    public void After_the_last_driver_no_device_gets_one()
    {
        Virtio("0x0013", "0x0008");
        string probe = Path.Combine(buses.FullName, "virtio/drivers_autoprobe");
        File.WriteAllText(probe, "1");
        BusDevices.Seal(buses.FullName);
        Assert.Equal("0", File.ReadAllText(probe));
        Assert.False(Path.Exists(Path.Combine(buses.FullName, "pci/drivers_autoprobe")));
    }

    private void Virtio(params string[] kinds) => Make("virtio", kinds.Select(k => ("0x554d4551", k)));

    private void Pci(params string[] devices) => Make("pci", devices.Select(d => (d.Split(':')[0], d.Split(':')[1])));

    private void Make(string bus, IEnumerable<(string Vendor, string Kind)> devices)
    {
        int number = 0;
        foreach ((string vendor, string kind) in devices)
        {
            DirectoryInfo device = Directory.CreateDirectory(Path.Combine(buses.FullName, bus, "devices", $"{bus}{number++}"));
            File.WriteAllText(Path.Combine(device.FullName, "vendor"), vendor + "\n");
            File.WriteAllText(Path.Combine(device.FullName, "device"), kind + "\n");
        }
    }
}
