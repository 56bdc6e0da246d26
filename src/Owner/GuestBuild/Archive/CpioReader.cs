using System.Globalization;
using System.Text;

namespace Pavise.Owner.GuestBuild.Archive;

/// <summary>Reads what <see cref="CpioWriter"/> writes, and refuses everything else: the archive's end must be the end of the bytes.</summary>
internal static class CpioReader
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="FormatException">The bytes are not such an archive.</exception>
    internal static IReadOnlyList<CpioEntry> Read(ReadOnlyMemory<byte> archive)
    {
        List<CpioEntry> entries = [];
        int at = 0;
        while (true)
        {
            ReadOnlySpan<byte> header = Take(archive, ref at, CpioFormat.HeaderBytes).Span;
            if (!header[..CpioFormat.Magic.Length].SequenceEqual(Encoding.ASCII.GetBytes(CpioFormat.Magic)))
            {
                throw new FormatException($"no cpio header at byte {at - CpioFormat.HeaderBytes}");
            }

            long mode = Field(header, CpioFormat.Mode), size = Field(header, CpioFormat.Size), nameSize = Field(header, CpioFormat.NameSize);
            if (nameSize is < 1 or > CpioFormat.MaxNameBytes || size > int.MaxValue || mode > 0xFFFF)
            {
                throw new FormatException($"a field of the cpio header at byte {at - CpioFormat.HeaderBytes} is out of range");
            }

            string name = Name(Take(archive, ref at, (int)nameSize).Span);
            at = Skip(archive, at, CpioFormat.HeaderBytes + nameSize);
            if (name == CpioFormat.Trailer)
            {
                return size == 0 && at == archive.Length ? entries : throw new FormatException("bytes follow the end of the archive");
            }

            ReadOnlyMemory<byte> content = Take(archive, ref at, (int)size);
            at = Skip(archive, at, size);
            if (entries.Count == CpioFormat.MaxEntries)
            {
                throw new FormatException($"the archive has more than {CpioFormat.MaxEntries} entries");
            }

            entries.Add(new(name, (int)mode, content));
        }
    }

    private static long Field(ReadOnlySpan<byte> header, int number)
    {
        ReadOnlySpan<byte> digits = header.Slice(CpioFormat.Magic.Length + (number * CpioFormat.FieldDigits), CpioFormat.FieldDigits);
        return uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) ? value : throw new FormatException("a cpio field is no hexadecimal number");
    }

    private static string Name(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf((byte)0) != bytes.Length - 1)
        {
            throw new FormatException("a cpio name does not end where it should");
        }

        try
        {
            return Strict.GetString(bytes[..^1]);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("a cpio name is not UTF-8", e);
        }
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> archive, ref int at, int bytes)
    {
        if (bytes > archive.Length - at)
        {
            throw new FormatException("the archive ends too early");
        }

        ReadOnlyMemory<byte> taken = archive.Slice(at, bytes);
        at += bytes;
        return taken;
    }

    private static int Skip(ReadOnlyMemory<byte> archive, int at, long written)
    {
        ReadOnlySpan<byte> padding = Take(archive, ref at, (int)(CpioFormat.Aligned(written) - written)).Span;
        return padding.ContainsAnyExcept((byte)0) ? throw new FormatException("padding of the archive is not zero") : at;
    }
}
