using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>
/// The digest by which firmware measures a PE image: everything but checksum, entry of the certificate table and certificates (Microsoft, "Windows Authenticode
/// Portable Executable Signature Format", "Calculating the PE Image Hash").
/// </summary>
internal static class Authenticode
{
    private const int MaxSections = 96;

    /// <exception cref="LaunchInputException">The bytes are no PE32+ image.</exception>
    public static byte[] Sha384(ReadOnlySpan<byte> image)
    {
        try
        {
            return Digest(image);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new LaunchInputException("the kernel's PE headers lead out of the file");
        }
    }

    private static byte[] Digest(ReadOnlySpan<byte> image)
    {
        int pe = (int)U32(image, 0x3C);
        if (!image.StartsWith("MZ"u8) || !image.Slice(pe, 4).SequenceEqual("PE\0\0"u8) || U16(image, pe + 24) != 0x20B)
        {
            throw new LaunchInputException("the kernel is no PE32+ image: it has no EFI stub, and firmware cannot start it");
        }

        int sections = U16(image, pe + 6), optional = pe + 24, table = optional + U16(image, pe + 20);
        int checksum = optional + 64, certificates = optional + 112 + 4 * 8, headers = (int)U32(image, optional + 60);
        if (sections > MaxSections || U32(image, optional + 108) < 5)
        {
            throw new LaunchInputException("the kernel's PE headers are out of range");
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        hash.AppendData(image[..checksum]);
        hash.AppendData(image[(checksum + 4)..certificates]);
        hash.AppendData(image[(certificates + 8)..headers]);
        long hashed = headers;
        List<(int Offset, int Bytes)> parts = [];
        for (int i = 0; i < sections; i++)
        {
            int entry = table + i * 40;
            parts.Add(((int)U32(image, entry + 20), (int)U32(image, entry + 16)));
        }

        foreach ((int offset, int bytes) in parts.Where(p => p.Bytes > 0).OrderBy(p => p.Offset))
        {
            hash.AppendData(image.Slice(offset, bytes));
            hashed += bytes;
        }

        int end = image.Length - (int)U32(image, certificates + 4);
        if (hashed < end)
        {
            hash.AppendData(image[(int)hashed..end]);
        }

        return hash.GetHashAndReset();
    }

    private static ushort U16(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.Slice(offset, sizeof(ushort)));

    private static uint U32(ReadOnlySpan<byte> image, int offset)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(image.Slice(offset, sizeof(uint)));
        return value <= int.MaxValue ? value : throw new LaunchInputException("the kernel's PE headers are out of range");
    }
}
