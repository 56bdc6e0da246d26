using Pavise.Host.Machines;

namespace Pavise.Host.Tests.Machines;

public sealed class QemuArgumentsTests
{
    private static readonly VmDescription Tcg = new()
    {
        Machine = MachineKind.Tcg, MemoryMib = 512, Cpus = 1, Kernel = "/k", Initrd = "/i", CommandLine = "quiet", VsockDescriptor = 5, QmpDescriptor = 6, BootRom = "/rom",
    };

    private static string Line(VmDescription vm) => string.Join(' ', QemuArguments.Build(vm));

    [Theory]
    [InlineData(MachineKind.Tcg)]
    [InlineData(MachineKind.Kvm)]
    [InlineData(MachineKind.Snp)]
    [InlineData(MachineKind.Tdx)]
    public void Every_machine_is_confined_and_has_no_default_device(MachineKind machine)
    {
        string line = Line(Confidential(machine));
        foreach (string part in (string[])["-nodefaults", "-no-user-config", "-display none", "-no-reboot", "-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny", "share=on", "vhost-user-vsock-", "virtio-scsi-"])
        {
            Assert.Contains(part, line, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(QemuArguments.Build(Confidential(machine)), a => a is "-serial" or "-netdev" or "-nic" or "-vga");
    }

    [Fact]
    public void Software_emulation_runs_on_microvm_without_option_roms_and_serial_port()
    {
        Assert.Contains("-M microvm,accel=tcg,x-option-roms=off,isa-serial=off,rtc=on,memory-backend=m -bios /rom -global virtio-mmio.force-legacy=false -cpu max", Line(Tcg), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MachineKind.Tcg)]
    [InlineData(MachineKind.Kvm)]
    [InlineData(MachineKind.Snp)]
    [InlineData(MachineKind.Tdx)]
    public void Every_virtio_device_makes_the_guest_map_what_it_shares(MachineKind machine) =>
        Assert.All(QemuArguments.Build(Confidential(machine)).Where(a => a.StartsWith("v", StringComparison.Ordinal) && a.Contains("-device", StringComparison.Ordinal) | a.Contains("-pci", StringComparison.Ordinal)), d => Assert.Contains("iommu_platform=on", d, StringComparison.Ordinal));

    [Fact]
    public void Without_the_small_firmware_option_roms_stay() => Assert.DoesNotContain("x-option-roms", Line(Tcg with { BootRom = "" }), StringComparison.Ordinal);

    [Fact]
    public void The_policy_digest_of_an_snp_launch_is_host_data()
    {
        string line = Line(Confidential(MachineKind.Snp));
        Assert.Contains("-object sev-snp-guest,id=tee,cbitpos=51,reduced-phys-bits=1,policy=0x30000,kernel-hashes=on,host-data=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", line, StringComparison.Ordinal);
        Assert.Contains("-bios /ovmf", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_policy_digest_of_a_tdx_launch_is_mrconfigid() =>
        Assert.Contains($"\"mrconfigid\":\"{Convert.ToBase64String(Enumerable.Repeat((byte)1, 48).ToArray())}\"", Line(Confidential(MachineKind.Tdx)), StringComparison.Ordinal);

    [Fact]
    public void A_confidential_machine_never_starts_with_a_wrong_binding_a_console_or_no_firmware()
    {
        VmDescription snp = Confidential(MachineKind.Snp);
        Assert.Throws<ArgumentException>(() => QemuArguments.Build(snp with { LaunchBinding = new byte[48] }));
        Assert.Throws<ArgumentException>(() => QemuArguments.Build(snp with { DebugConsole = "/c" }));
        Assert.Throws<ArgumentException>(() => QemuArguments.Build(snp with { Firmware = "" }));
    }

    [Fact]
    public void The_process_machine_has_no_arguments() => Assert.Throws<ArgumentException>(() => QemuArguments.Build(Tcg with { Machine = MachineKind.Process }));

    private static VmDescription Confidential(MachineKind machine) => Tcg with
    {
        Machine = machine,
        Firmware = machine is MachineKind.Snp or MachineKind.Tdx ? "/ovmf" : "",
        LaunchBinding = Enumerable.Repeat((byte)1, machine == MachineKind.Tdx ? 48 : 32).ToArray(),
    };
}
