using System.Buffers.Binary;

namespace Pavise.Attestation.Launch;

/// <summary>
/// What QEMU writes into a kernel's setup header before it hands the kernel to firmware (QEMU, <c>hw/i386/x86-common.c</c>, <c>x86_load_linux</c>; Linux,
/// <c>Documentation/arch/x86/boot.rst</c>). With SNP it leaves the header alone; with TDX it does not, and firmware measures the changed kernel.
/// </summary>
internal static class QemuKernel
{
    private const uint SetupBase = 0x10000, CommandLineAddress = 0x20000, HighestInitrd = 0x37FF_FFFF;

    /// <summary>Memory that q35 keeps below the initial RAM disk for ACPI tables.</summary>
    private const uint AcpiBytes = 0x28000;

    private const ulong LowMemorySplit = 0xB000_0000, LowMemoryWhenSplit = 0x8000_0000;

    /// <exception cref="LaunchInputException">The kernel is none of boot protocol 2.12 or later, or the initial RAM disk does not fit.</exception>
    public static byte[] Patch(ReadOnlySpan<byte> kernel, uint initrdBytes, ulong memoryBytes)
    {
        if (kernel.Length < 0x1000 || !kernel[0x202..0x206].SequenceEqual("HdrS"u8) || BinaryPrimitives.ReadUInt16LittleEndian(kernel[0x206..]) < 0x20C || (kernel[0x211] & 1) == 0)
        {
            throw new LaunchInputException("the kernel is no bzImage of boot protocol 2.12 or later");
        }

        byte[] patched = kernel.ToArray();
        Span<byte> header = patched;
        header[0x210] = 0xB0; // type_of_loader: QEMU
        header[0x211] |= 0x80; // loadflags: CAN_USE_HEAP
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x224..], CommandLineAddress - SetupBase - 0x200);
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x228..], CommandLineAddress);
        if (initrdBytes > 0)
        {
            bool above4G = (BinaryPrimitives.ReadUInt16LittleEndian(header[0x236..]) & 0x40) != 0;
            uint low = (uint)(memoryBytes >= LowMemorySplit ? LowMemoryWhenSplit : memoryBytes);
            uint highest = Math.Min(above4G ? uint.MaxValue : HighestInitrd, low > AcpiBytes ? low - AcpiBytes - 1 : 0);
            if (initrdBytes >= highest)
            {
                throw new LaunchInputException($"an initial RAM disk of {initrdBytes} bytes does not fit into {memoryBytes} bytes of memory");
            }

            BinaryPrimitives.WriteUInt32LittleEndian(header[0x218..], (highest - initrdBytes) & ~0xFFFU);
            BinaryPrimitives.WriteUInt32LittleEndian(header[0x21C..], initrdBytes);
        }

        return patched;
    }
}
