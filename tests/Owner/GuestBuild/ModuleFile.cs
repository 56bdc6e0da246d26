using System.Buffers.Binary;
using System.Text;

namespace Pavise.Owner.Tests.GuestBuild;

/// <summary>The smallest relocatable ELF file with a section `.modinfo`: what a kernel module is to the build.</summary>
internal static class ModuleFile
{
    private const int HeaderBytes = 64, SectionBytes = 64;

    internal static byte[] Make(string name, string kernel, params string[] depends) =>
        MakeRaw(Encoding.ASCII.GetBytes($"license=GPL\0depends={string.Join(',', depends)}\0name={name}\0vermagic={kernel} SMP preempt mod_unload\0"));

    internal static byte[] MakeRaw(byte[] info)
    {
        byte[] names = "\0.modinfo\0.shstrtab\0"u8.ToArray();
        byte[] file = new byte[HeaderBytes + info.Length + names.Length + (3 * SectionBytes)];
        Span<byte> elf = file;
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(elf);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[16..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[18..], 62);
        int table = HeaderBytes + info.Length + names.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(elf[40..], (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[58..], SectionBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[60..], 3);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[62..], 2);
        info.CopyTo(elf[HeaderBytes..]);
        names.CopyTo(elf[(HeaderBytes + info.Length)..]);
        Section(elf[(table + SectionBytes)..], 1, HeaderBytes, info.Length);
        Section(elf[(table + (2 * SectionBytes))..], 10, HeaderBytes + info.Length, names.Length);
        return file;
    }

    /// <summary>A bzImage's header with a version, and nothing else.</summary>
    internal static byte[] Kernel(string version)
    {
        byte[] image = new byte[2048];
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), 0x20F);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x20E), 0x200);
        Encoding.ASCII.GetBytes(version + " (builder) #1\0").CopyTo(image, 0x400);
        return image;
    }

    private static void Section(Span<byte> header, uint name, int offset, int size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, name);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)size);
    }
}
