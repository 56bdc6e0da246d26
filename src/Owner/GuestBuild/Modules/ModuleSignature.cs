using System.Buffers.Binary;

namespace Pavise.Owner.GuestBuild.Modules;

/// <summary>
/// The signature that a signed module carries at its end: the signature's bytes, `struct module_signature` (its first bytes name algorithms, the
/// fourth and fifth the lengths of two names, the last four, big-endian, the length of the signature), and a line of text.
/// </summary>
internal static class ModuleSignature
{
    private const int DescriptorBytes = 12;

    private static ReadOnlySpan<byte> Trailer => "~Module signature appended~\n"u8;

    /// <summary>The module without its signature; a module that has none as it is.</summary>
    /// <exception cref="FormatException">The signature says that it is longer than the module.</exception>
    internal static ReadOnlyMemory<byte> Strip(ReadOnlyMemory<byte> module)
    {
        ReadOnlySpan<byte> bytes = module.Span;
        if (!bytes.EndsWith(Trailer))
        {
            return module;
        }

        bytes = bytes[..^Trailer.Length];
        if (bytes.Length < DescriptorBytes)
        {
            throw new FormatException("the module's signature is cut off");
        }

        ReadOnlySpan<byte> descriptor = bytes[^DescriptorBytes..];
        long length = DescriptorBytes + (long)descriptor[3] + descriptor[4] + BinaryPrimitives.ReadUInt32BigEndian(descriptor[8..]);
        return length <= bytes.Length ? module[..(int)(bytes.Length - length)] : throw new FormatException("the module's signature is longer than the module");
    }
}
