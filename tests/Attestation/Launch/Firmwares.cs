using System.Buffers.Binary;

namespace Pavise.Attestation.Tests;

/// <summary>Small images of the form of OVMF and of a kernel.</summary>
internal static class Firmwares
{
    public static readonly Guid SevMetadata = new("dc886566-984a-4798-a75e-5585a7bf67cc");

    private static readonly Guid Footer = new("96b582de-1fb2-45f7-baea-a366c55a082d");

    public static byte[] Snp(bool hashes = true)
    {
        byte[] image = Filled();
        uint[] sections = hashes
            ? [0x800000, 0x2000, 1, 0x80D000, 0x1000, 2, 0x80E000, 0x1000, 3, 0x80F000, 0x1000, 0x10]
            : [0x800000, 0x2000, 1, 0x80D000, 0x1000, 2, 0x80E000, 0x1000, 3];
        Span<byte> metadata = image.AsSpan(3000);
        "ASEV"u8.CopyTo(metadata);
        U32(metadata[4..], 16 + (uint)sections.Length * 4);
        U32(metadata[8..], 1);
        U32(metadata[12..], (uint)sections.Length / 3);
        for (int i = 0; i < sections.Length; i++)
        {
            U32(metadata[(16 + 4 * i)..], sections[i]);
        }

        Table(image, (SevMetadata, Bytes(4096 - 3000)), (new("00f771de-1a7e-4fcb-890e-68c77e2fb44e"), Bytes(0x80B004)), (new("7255371f-3a3b-4b04-927b-1da6efa8d454"), [.. Bytes(0x80F400), .. Bytes(0x400)]));
        return image;
    }

    public static byte[] Tdx()
    {
        byte[] image = Filled();
        Span<byte> metadata = image.AsSpan(3000);
        "TDVF"u8.CopyTo(metadata);
        U32(metadata[4..], 16 + 4 * 32);
        U32(metadata[8..], 1);
        U32(metadata[12..], 4);
        Section(metadata[16..], 0, 4096, 0xFFFFF000, 4096, 0, 1);
        Section(metadata[48..], 0, 0, 0x809000, 8192, 2, 0);
        Section(metadata[80..], 0, 0, 0x100000, 4096, 3, 2);
        Section(metadata[112..], 0, 1024, 0xFFC84000, 4096, 1, 0);
        Table(image, (new("e47a6535-984a-4798-865e-4685a7bf8ec2"), Bytes(4096 - 3000)));
        return image;
    }

    /// <summary>A PE image with a setup header, two sections, no certificates.</summary>
    public static byte[] Kernel()
    {
        byte[] kernel = new byte[0x3000];
        new Random(1).NextBytes(kernel);
        kernel[0] = (byte)'M';
        kernel[1] = (byte)'Z';
        U32(kernel.AsSpan(0x3C), 0x40);
        Span<byte> pe = kernel.AsSpan(0x40);
        "PE\0\0"u8.CopyTo(pe);
        U16(pe[6..], 2);
        U16(pe[20..], 240);
        U16(pe[24..], 0x20B);
        U32(pe[(24 + 60)..], 0x1000);
        U32(pe[(24 + 108)..], 16);
        pe.Slice(24 + 144, 8).Clear();
        Span<byte> sections = pe[(24 + 240)..];
        U32(sections[16..], 0x1000);
        U32(sections[20..], 0x1000);
        U32(sections[56..], 0x800);
        U32(sections[60..], 0x2000);
        "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
        U16(kernel.AsSpan(0x206), 0x20F);
        kernel[0x211] = 1;
        U16(kernel.AsSpan(0x236), 0x7F);
        return kernel;
    }

    private static byte[] Filled()
    {
        byte[] image = new byte[4096];
        new Random(7).NextBytes(image);
        return image;
    }

    private static void Table(byte[] image, params (Guid Id, byte[] Data)[] entries)
    {
        List<byte> table = [];
        foreach ((Guid id, byte[] data) in entries)
        {
            table.AddRange([.. data, .. Short(data.Length + 18), .. id.ToByteArray()]);
        }

        byte[] whole = [.. table, .. Short(table.Count + 18), .. Footer.ToByteArray()];
        whole.CopyTo(image, image.Length - 32 - whole.Length);
    }

    private static void Section(Span<byte> at, uint offset, uint bytes, ulong address, ulong memory, uint type, uint attributes)
    {
        U32(at, offset);
        U32(at[4..], bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(at[8..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(at[16..], memory);
        U32(at[24..], type);
        U32(at[28..], attributes);
    }

    private static byte[] Bytes(uint value) => BitConverter.GetBytes(value);

    private static byte[] Short(int value) => BitConverter.GetBytes((ushort)value);

    private static void U32(Span<byte> at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(at, value);

    private static void U16(Span<byte> at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(at, value);
}
