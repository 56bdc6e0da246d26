using System.Text;

namespace Pavise.Attestation.Launch;

/// <summary>
/// What a TDX launch with QEMU's direct boot is made of, and the registers that follow. RTMR0 is not computed: it holds ACPI tables and boot variables, which
/// depend on the machine's devices. No published answer exists to compare these values with, and no hardware was at hand: they are unverified.
/// </summary>
public sealed record TdxLaunch
{
    /// <summary>The firmware.</summary>
    public required TdxFirmware Firmware { get; init; }

    /// <summary>The kernel file.</summary>
    public required ReadOnlyMemory<byte> Kernel { get; init; }

    /// <summary>The initial RAM disk.</summary>
    public required ReadOnlyMemory<byte> Initrd { get; init; }

    /// <summary>The command line as given to QEMU.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Bytes of guest memory: QEMU writes the initial RAM disk's place into the kernel's header.</summary>
    public required ulong MemoryBytes { get; init; }

    /// <summary>MRTD, RTMR1, RTMR2, and RTMR3 as zero.</summary>
    /// <exception cref="LaunchInputException">The kernel cannot be booted like this.</exception>
    public LaunchMeasurement Measure() => new(Firmware.MrTd(), null, Rtmr1(), Rtmr2(), new byte[48]);

    // PCR 4 and 5 of the event log that OVMF writes for an EFI application started from memory.
    private byte[] Rtmr1() => new RuntimeRegister()
        .Digest(Authenticode.Sha384(QemuKernel.Patch(Kernel.Span, (uint)Initrd.Length, MemoryBytes)))
        .Event("Calling EFI Application from Boot Option"u8)
        .Event([0, 0, 0, 0])
        .Event("Exit Boot Services Invocation"u8)
        .Event("Exit Boot Services Returned with Success"u8)
        .Value;

    // What the kernel's EFI stub measures: load options as UTF-16 with their terminating zero, to which OVMF appends the initial RAM disk's name, then the disk.
    private byte[] Rtmr2() => new RuntimeRegister()
        .Event(Encoding.Unicode.GetBytes(CommandLine + " initrd=initrd\0"))
        .Event(Initrd.Span)
        .Value;
}
