using System.Buffers.Binary;
using System.Text;

namespace Pavise.Owner.GuestBuild;

/// <summary>Reads a bzImage's version (Linux x86 boot protocol, Documentation/arch/x86/boot.rst: `HdrS` at 0x202, `kernel_version` at 0x20E).</summary>
internal static class KernelImage
{
    private const int Magic = 0x202, Protocol = 0x206, VersionPointer = 0x20E, SetupBase = 0x200, MaxVersionBytes = 256;

    /// <exception cref="FormatException">Not a bzImage of protocol 2.0 or later, or without a version.</exception>
    internal static string Version(ReadOnlySpan<byte> image)
    {
        if (image.Length < SetupBase + MaxVersionBytes || !image.Slice(Magic, 4).SequenceEqual("HdrS"u8) || BinaryPrimitives.ReadUInt16LittleEndian(image[Protocol..]) < 0x200)
        {
            throw new FormatException("not a Linux kernel (bzImage)");
        }

        int at = SetupBase + BinaryPrimitives.ReadUInt16LittleEndian(image[VersionPointer..]);
        if (at + MaxVersionBytes > image.Length)
        {
            throw new FormatException("the kernel's version lies outside of it");
        }

        ReadOnlySpan<byte> text = image.Slice(at, MaxVersionBytes);
        int end = text.IndexOfAny((byte)0, (byte)' ');
        return end > 0 ? Encoding.Latin1.GetString(text[..end]) : throw new FormatException("the kernel has no version");
    }
}
