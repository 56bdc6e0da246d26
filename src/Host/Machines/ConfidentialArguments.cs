namespace Pavise.Host.Machines;

/// <summary>
/// The q35 part for SNP (QEMU 9.1 or later) and TDX (10.1 or later): measured direct boot through OVMF with kernel hashes, the policy's
/// digest as launch data, every virtio device behind the guest's bounce buffers. Tested as text only.
/// </summary>
internal static class ConfidentialArguments
{
    private const int HostDataBytes = 32;
    private const int MrConfigIdBytes = 48;

    // SNP guest policy: ABI 0.0, SMT allowed (bit 16), bit 17 always one; no debugging, no migration agent.
    private const string SnpPolicy = "0x30000";

    public static IEnumerable<string> Build(VmDescription vm)
    {
        if (vm.Firmware.Length == 0)
        {
            throw new ArgumentException($"{vm.Machine} needs OVMF");
        }

        int bytes = vm.Machine == MachineKind.Snp ? HostDataBytes : MrConfigIdBytes;
        if (vm.LaunchBinding.Length != bytes)
        {
            throw new ArgumentException($"{vm.Machine} binds {bytes} bytes, not {vm.LaunchBinding.Length}");
        }

        if (vm.DebugConsole.Length > 0)
        {
            throw new ArgumentException($"{vm.Machine} has no debug console: it would change what is measured");
        }

        string binding = Convert.ToBase64String(vm.LaunchBinding.Span);
        string launch = vm.Machine == MachineKind.Snp
            ? $"sev-snp-guest,id=tee,cbitpos={vm.EncryptionBit},reduced-phys-bits=1,policy={SnpPolicy},kernel-hashes=on,host-data={binding}"
            : "{\"qom-type\":\"tdx-guest\",\"id\":\"tee\",\"mrconfigid\":\"" + binding + "\",\"quote-generation-socket\":{\"type\":\"vsock\",\"cid\":\"2\",\"port\":\"4050\"}}";
        return
        [
            "-M", "q35,accel=kvm,kernel-irqchip=split,smm=off,vmport=off,hpet=off,confidential-guest-support=tee,memory-backend=m",
            "-cpu", vm.Machine == MachineKind.Snp ? "EPYC-v4" : "host",
            "-object", launch,
            "-bios", vm.Firmware,
            "-device", "vhost-user-vsock-pci,chardev=vsock,disable-legacy=on,iommu_platform=on",
            "-device", "virtio-scsi-pci,id=scsi,disable-legacy=on,iommu_platform=on",
        ];
    }
}
