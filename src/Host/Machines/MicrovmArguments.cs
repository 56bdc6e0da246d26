namespace Pavise.Host.Machines;

/// <summary>
/// The microvm part: no PCI, no option ROMs, no serial port; the kernel finds its devices by ACPI. The interval timer stays: without it
/// a stock kernel cannot calibrate its clock and hangs.
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

        yield return "-cpu";
        yield return vm.Machine == MachineKind.Kvm ? "host" : "max";
        yield return "-device";
        yield return "vhost-user-vsock-device,chardev=vsock";
        yield return "-device";
        yield return "virtio-scsi-device,id=scsi";
        if (vm.DebugConsole.Length > 0)
        {
            yield return "-serial";
            yield return $"file:{QemuArguments.Escape(vm.DebugConsole)}";
        }
    }
}
