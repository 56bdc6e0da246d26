using System.Buffers.Binary;

namespace Pavise.Attestation.Launch;

/// <summary>
/// The table at the end of an OVMF image by which a hypervisor finds areas in it (OvmfPkg, <c>ResetVectorVtf0.asm</c>): read backwards from 32 bytes before the
/// end, each entry its data, then its total length (u16), then its GUID; the last entry is the table itself.
/// </summary>
public sealed class FirmwareTable
{
    private const int FooterFromEnd = 0x20, HeaderBytes = sizeof(ushort) + 16;

    /// <summary>Firmware has some MiB; the largest OVMF has 16.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    private static readonly Guid Footer = new("96b582de-1fb2-45f7-baea-a366c55a082d");

    private readonly Dictionary<Guid, ReadOnlyMemory<byte>> _entries;

    private FirmwareTable(ReadOnlyMemory<byte> image, Dictionary<Guid, ReadOnlyMemory<byte>> entries) => (Image, _entries) = (image, entries);

    /// <summary>The firmware image.</summary>
    public ReadOnlyMemory<byte> Image { get; }

    /// <summary>Guest physical address of the image's first byte: it ends at 4 GiB.</summary>
    public ulong Base => 0x1_0000_0000UL - (ulong)Image.Length;

    /// <summary>Reads the table.</summary>
    /// <exception cref="LaunchInputException">The image has no such table.</exception>
    public static FirmwareTable Read(ReadOnlyMemory<byte> image)
    {
        if (image.Length < FooterFromEnd + HeaderBytes || image.Length > MaxBytes || image.Length % 4096 != 0)
        {
            throw new LaunchInputException($"firmware has whole pages and at most {MaxBytes} bytes, not {image.Length}");
        }

        ReadOnlySpan<byte> footer = image.Span[^(FooterFromEnd + HeaderBytes)..^FooterFromEnd];
        int total = BinaryPrimitives.ReadUInt16LittleEndian(footer);
        if (new Guid(footer[sizeof(ushort)..]) != Footer)
        {
            throw new LaunchInputException("the firmware has no table of areas at its end: it is no OVMF for confidential guests");
        }

        if (total < HeaderBytes || total - HeaderBytes > image.Length - FooterFromEnd - HeaderBytes)
        {
            throw new LaunchInputException("the length of the firmware's table is out of range");
        }

        ReadOnlyMemory<byte> rest = image[..^(FooterFromEnd + HeaderBytes)];
        rest = rest[^(total - HeaderBytes)..];
        Dictionary<Guid, ReadOnlyMemory<byte>> entries = [];
        while (rest.Length >= HeaderBytes)
        {
            Guid id = new(rest.Span[^16..]);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest.Span[^HeaderBytes..]);
            if (length < HeaderBytes || length > rest.Length)
            {
                throw new LaunchInputException("an entry of the firmware's table is longer than the table");
            }

            entries.TryAdd(id, rest[^length..^HeaderBytes]);
            rest = rest[..^length];
        }

        return new(image, entries);
    }

    /// <summary>The data of an entry.</summary>
    /// <exception cref="LaunchInputException">There is none.</exception>
    public ReadOnlyMemory<byte> Entry(Guid id, string name, int atLeast) =>
        _entries.TryGetValue(id, out ReadOnlyMemory<byte> data) && data.Length >= atLeast
            ? data
            : throw new LaunchInputException($"the firmware does not say where its {name} is");

    /// <summary>A part of the image by an offset counted from its end, as metadata entries have it.</summary>
    /// <exception cref="LaunchInputException">It is not inside.</exception>
    public ReadOnlyMemory<byte> FromEnd(uint offset) => offset <= Image.Length && offset > 0
        ? Image[^(int)offset..]
        : throw new LaunchInputException("an offset of the firmware's metadata leads out of the image");
}
