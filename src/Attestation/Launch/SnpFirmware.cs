using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Pavise.Attestation.Launch;

/// <summary>What an area of guest memory that the firmware declares is for (OvmfPkg, <c>OvmfSevMetadata.asm</c>).</summary>
public enum SnpSectionKind
{
    /// <summary>Memory that the firmware uses before it validates its own: measured as zero pages.</summary>
    Memory = 1,

    /// <summary>The secrets page.</summary>
    Secrets = 2,

    /// <summary>The CPUID page.</summary>
    Cpuid = 3,

    /// <summary>An SVSM's calling area: measured as zero pages.</summary>
    SvsmCallingArea = 4,

    /// <summary>The page of kernel hashes.</summary>
    KernelHashes = 0x10,
}

/// <summary>An area of guest memory: guest physical address, bytes, what it is for.</summary>
public readonly record struct SnpSection(uint Address, uint Bytes, SnpSectionKind Kind);

/// <summary>The parts of an OVMF image (AmdSev build) that an SNP launch needs.</summary>
/// <param name="Table">The image with its table.</param>
/// <param name="Sections">Declared areas in their order.</param>
/// <param name="ResetAddress">Where vCPUs other than the first begin.</param>
/// <param name="HashTableAddress">Guest physical address of the table of kernel hashes.</param>
public sealed record SnpFirmware(FirmwareTable Table, ImmutableArray<SnpSection> Sections, uint ResetAddress, uint HashTableAddress)
{
    private const int HeaderBytes = 16, SectionBytes = 12, MaxSections = 64;

    /// <summary>Bytes of one area: OVMF's are below 1 MiB.</summary>
    private const uint MaxSectionBytes = 16 * 1024 * 1024;

    private static readonly Guid HashTable = new("7255371f-3a3b-4b04-927b-1da6efa8d454");
    private static readonly Guid ResetBlock = new("00f771de-1a7e-4fcb-890e-68c77e2fb44e");
    private static readonly Guid Metadata = new("dc886566-984a-4798-a75e-5585a7bf67cc");

    /// <summary>Reads an image.</summary>
    /// <exception cref="LaunchInputException">It is no OVMF for SNP.</exception>
    public static SnpFirmware Read(ReadOnlyMemory<byte> image)
    {
        FirmwareTable table = FirmwareTable.Read(image);
        uint reset = BinaryPrimitives.ReadUInt32LittleEndian(table.Entry(ResetBlock, "reset address", sizeof(uint)).Span);
        uint hashes = BinaryPrimitives.ReadUInt32LittleEndian(table.Entry(HashTable, "table of kernel hashes", 2 * sizeof(uint)).Span);
        ReadOnlySpan<byte> metadata = table.FromEnd(BinaryPrimitives.ReadUInt32LittleEndian(table.Entry(Metadata, "SEV metadata", sizeof(uint)).Span)).Span;
        if (metadata.Length < HeaderBytes || !metadata[..4].SequenceEqual("ASEV"u8) || BinaryPrimitives.ReadUInt32LittleEndian(metadata[8..]) != 1)
        {
            throw new LaunchInputException("the firmware's SEV metadata is not of version 1");
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(metadata[12..]);
        if (count > MaxSections || metadata.Length < HeaderBytes + count * SectionBytes)
        {
            throw new LaunchInputException("the firmware's SEV metadata names more areas than it holds");
        }

        ImmutableArray<SnpSection>.Builder sections = ImmutableArray.CreateBuilder<SnpSection>();
        for (int i = 0; i < count; i++)
        {
            sections.Add(Section(metadata.Slice(HeaderBytes + i * SectionBytes, SectionBytes)));
        }

        return new(table, sections.ToImmutable(), reset, hashes);
    }

    private static SnpSection Section(ReadOnlySpan<byte> entry)
    {
        SnpSection section = new(
            BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), (SnpSectionKind)BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
        return Enum.IsDefined(section.Kind) && section.Bytes % 4096 == 0 && section.Address % 4096 == 0 && section.Bytes <= MaxSectionBytes
            ? section
            : throw new LaunchInputException($"the firmware declares an area of kind {(int)section.Kind} at 0x{section.Address:x}, {section.Bytes} bytes, that is not known or not whole pages");
    }
}
