using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>A section of a TDX firmware (Intel TDX Virtual Firmware Design Guide, section "TDVF Metadata").</summary>
/// <param name="Offset">Where in the image its content is.</param>
/// <param name="Bytes">Bytes of content.</param>
/// <param name="Address">Guest physical address.</param>
/// <param name="MemoryBytes">Bytes of guest memory.</param>
/// <param name="Extended">Its content goes into MRTD.</param>
/// <param name="Added">Its pages are added before the start.</param>
/// <param name="Type">0 boot volume, 1 configuration volume, 2 TD HOB, 3 temporary memory.</param>
internal readonly record struct TdxSection(uint Offset, uint Bytes, ulong Address, ulong MemoryBytes, bool Extended, bool Added, uint Type);

/// <summary>An OVMF image with TDX metadata.</summary>
public sealed class TdxFirmware
{
    private const int HeaderBytes = 16, SectionBytes = 32, MaxSections = 64;
    private const uint ConfigurationVolume = 1;
    private const ulong PageBytes = 4096, MaxMemoryBytes = 64 * 1024 * 1024;

    private static readonly Guid Metadata = new("e47a6535-984a-4798-865e-4685a7bf8ec2");

    private readonly ReadOnlyMemory<byte> _image;
    private readonly ImmutableArray<TdxSection> _sections;

    private TdxFirmware(ReadOnlyMemory<byte> image, ImmutableArray<TdxSection> sections) => (_image, _sections) = (image, sections);

    /// <summary>Reads an image.</summary>
    /// <exception cref="LaunchInputException">It is no OVMF for TDX.</exception>
    public static TdxFirmware Read(ReadOnlyMemory<byte> image)
    {
        FirmwareTable table = FirmwareTable.Read(image);
        ReadOnlySpan<byte> metadata = table.FromEnd(BinaryPrimitives.ReadUInt32LittleEndian(table.Entry(Metadata, "TDX metadata", sizeof(uint)).Span[^sizeof(uint)..])).Span;
        if (metadata.Length < HeaderBytes || !metadata[..4].SequenceEqual("TDVF"u8) || BinaryPrimitives.ReadUInt32LittleEndian(metadata[8..]) != 1)
        {
            throw new LaunchInputException("the firmware's TDX metadata is not of version 1");
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(metadata[12..]);
        if (count > MaxSections || metadata.Length < HeaderBytes + count * SectionBytes)
        {
            throw new LaunchInputException("the firmware's TDX metadata names more sections than it holds");
        }

        ImmutableArray<TdxSection>.Builder sections = ImmutableArray.CreateBuilder<TdxSection>();
        for (int i = 0; i < count; i++)
        {
            sections.Add(Section(metadata.Slice(HeaderBytes + i * SectionBytes, SectionBytes), image.Length));
        }

        return new(image, sections.ToImmutable());
    }

    /// <summary>MRTD, 48 bytes: pages as KVM adds them, each followed by its measurement.</summary>
    public byte[] MrTd()
    {
        using TdxBuildLog log = new();
        foreach (TdxSection section in _sections)
        {
            for (ulong at = 0; at < section.MemoryBytes; at += PageBytes)
            {
                if (section.Added)
                {
                    log.AddPage(section.Address + at);
                }

                if (section.Extended)
                {
                    log.ExtendPage(section.Address + at, Page(section, at));
                }
            }
        }

        return log.Digest();
    }

    /// <summary>
    /// What of RTMR0 follows from the firmware alone: SHA-384 of each configuration volume, the digest of the event "CFV" in the guest's event log. Of the register's
    /// other events (TD HOB, boot variables, ACPI tables) nothing is known here.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ConfigurationVolumes() =>
        [.. _sections.Where(s => s.Type == ConfigurationVolume).Select(s => (ReadOnlyMemory<byte>)SHA384.HashData(_image.Span.Slice((int)s.Offset, (int)s.Bytes)))];

    // Content shorter than its memory is followed by zeros.
    private byte[] Page(TdxSection section, ulong at)
    {
        byte[] page = new byte[PageBytes];
        if (at < section.Bytes)
        {
            _image.Span.Slice((int)(section.Offset + at), (int)Math.Min(PageBytes, section.Bytes - at)).CopyTo(page);
        }

        return page;
    }

    private static TdxSection Section(ReadOnlySpan<byte> entry, int imageBytes)
    {
        uint attributes = BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]);
        TdxSection section = new(
            BinaryPrimitives.ReadUInt32LittleEndian(entry),
            BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]),
            (attributes & 1) != 0,
            (attributes & 2) == 0,
            BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]));
        return (ulong)section.Offset + section.Bytes <= (ulong)imageBytes
            && section.Address % PageBytes == 0 && section.MemoryBytes % PageBytes == 0 && section.Bytes <= section.MemoryBytes && section.MemoryBytes <= MaxMemoryBytes && section.Address < 1UL << 52
            ? section
            : throw new LaunchInputException($"the firmware declares a section at 0x{section.Address:x}, {section.MemoryBytes} bytes, that is out of range or not whole pages");
    }
}
