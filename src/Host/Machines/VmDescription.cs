namespace Pavise.Host.Machines;

/// <summary>One VM to start, in terms of descriptors and paths that QEMU can open itself.</summary>
public sealed record VmDescription
{
    /// <summary>Any machine but <see cref="MachineKind.Process"/>.</summary>
    public required MachineKind Machine { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required int MemoryMib { get; init; }

    /// <summary>Virtual processors.</summary>
    public required int Cpus { get; init; }

    /// <summary>Kernel file.</summary>
    public required string Kernel { get; init; }

    /// <summary>Initial RAM disk.</summary>
    public required string Initrd { get; init; }

    /// <summary>The kernel's command line, as the guest image's manifest has it for this machine.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Descriptor, in QEMU, of a connected socket to the vhost-user-vsock backend.</summary>
    public required int VsockDescriptor { get; init; }

    /// <summary>Descriptor, in QEMU, of a connected socket for its control protocol (QMP).</summary>
    public required int QmpDescriptor { get; init; }

    /// <summary>SNP: 32 bytes of HOST_DATA. TDX: 48 bytes of MRCONFIGID. Otherwise empty.</summary>
    public ReadOnlyMemory<byte> LaunchBinding { get; init; }

    /// <summary>SNP and TDX: OVMF with the kernel-hash area.</summary>
    public string Firmware { get; init; } = "";

    /// <summary>microvm: the small firmware (qboot) if QEMU has it; empty for QEMU's default, some 0.2 s slower.</summary>
    public string BootRom { get; init; } = "";

    /// <summary>SNP: position of the memory encryption bit (CPUID 8000001F, EBX bits 0 to 5).</summary>
    public int EncryptionBit { get; init; } = 51;

    /// <summary>microvm, development: file that gets the kernel's console; empty for no serial port at all.</summary>
    public string DebugConsole { get; init; } = "";
}
