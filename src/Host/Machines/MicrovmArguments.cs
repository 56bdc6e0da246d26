namespace Pavise.Host.Machines;

/// <summary>
/// The microvm part: no PCI, no option ROMs, no serial port; the kernel finds its devices by ACPI. The interval timer stays: without it
/// a stock kernel cannot calibrate its clock and hangs. There is no IOMMU; <c>iommu_platform</c> makes the guest's drivers map what they share, as on a confidential machine.
/// </summary>
internal static class MicrovmArguments
{
    public static IEnumerable<string> Build(VmDescription vm)
    {
        string accelerator = vm.Machine == MachineKind.Kvm ? "kvm" : "tcg";
        string serial = vm.DebugConsole.Length > 0 ? "on" : "off";
        string roms = vm.BootRom.Length > 0 ? ",x-option-roms=off" : "";
        yield return "-M";
        yield return $"microvm,accel={accelerator}{roms},isa-serial={serial},rtc=on,memory-backend=m";
        if (vm.BootRom.Length > 0)
        {
            yield return "-bios";
            yield return vm.BootRom;
        }

        // The registers of virtio 1: the old ones cannot offer VIRTIO_F_ACCESS_PLATFORM.
        yield return "-global";
        yield return "virtio-mmio.force-legacy=false";
        yield return "-cpu";
        yield return vm.Machine == MachineKind.Kvm ? "host" : "max";
        yield return "-device";
        yield return "vhost-user-vsock-device,chardev=vsock,iommu_platform=on";
        yield return "-device";
        yield return "virtio-scsi-device,id=scsi,iommu_platform=on";
        if (vm.DebugConsole.Length > 0)
        {
            yield return "-serial";
            yield return $"file:{QemuArguments.Escape(vm.DebugConsole)}";
        }
    }
}
