namespace Pavise.Host.Machines;

/// <summary>
/// From a description to QEMU's arguments: a pure function. <c>tcg</c> and <c>kvm</c> run on <c>microvm</c>; <c>snp</c> and <c>tdx</c> on
/// <c>q35</c> with OVMF. The latter two follow QEMU's documentation (9.1 and 10.1) and have not been run on such hardware.
/// </summary>
public static class QemuArguments
{
    /// <summary>Name of the SCSI bus on which images are plugged.</summary>
    public const string ScsiBus = "scsi.0";

    /// <summary>The arguments, without the program.</summary>
    /// <exception cref="ArgumentException">The description does not fit the machine.</exception>
    public static IReadOnlyList<string> Build(VmDescription vm) => vm.Machine switch
    {
        MachineKind.Tcg or MachineKind.Kvm => [.. MicrovmArguments.Build(vm), .. Common(vm)],
        MachineKind.Snp or MachineKind.Tdx => [.. ConfidentialArguments.Build(vm), .. Common(vm)],
        _ => throw new ArgumentException($"{vm.Machine} is not a VM"),
    };

    /// <summary>A value inside QEMU's option lists: a comma is written twice.</summary>
    internal static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    private static IEnumerable<string> Common(VmDescription vm) =>
    [
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-m", $"{vm.MemoryMib}M",
        "-smp", $"{vm.Cpus}",
        // Shared, so that the vsock backend can map the rings.
        "-object", $"memory-backend-memfd,id=m,size={vm.MemoryMib}M,share=on",
        "-kernel", vm.Kernel,
        "-initrd", vm.Initrd,
        "-append", vm.CommandLine,
        "-chardev", $"socket,id=vsock,fd={vm.VsockDescriptor}",
        "-chardev", $"socket,id=qmp,fd={vm.QmpDescriptor}",
        "-mon", "chardev=qmp,mode=control",
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    ];
}
