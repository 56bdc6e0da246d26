namespace Pavise.Images.Tar;

/// <summary>Fields of a 512-byte header (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar's base-256 numbers).</summary>
internal static class TarFields
{
    public const int BlockBytes = 512;

    private const int ChecksumOffset = 148, ChecksumBytes = 8;

    /// <summary>Octal digits, or big-endian binary marked by the first bit.</summary>
    public static long Number(ReadOnlySpan<byte> header, int offset, int length, string what)
    {
        ReadOnlySpan<byte> field = header.Slice(offset, length);
        if ((field[0] & 0x80) != 0)
        {
            ulong value = (ulong)(field[0] & 0x7f);
            bool negative = (field[0] & 0x40) != 0;
            foreach (byte b in field[1..])
            {
                if (value >> 55 != 0 && !negative)
                {
                    throw new ImageFormatException($"tar: {what} is out of range");
                }

                value = (value << 8) | b;
            }

            return negative ? unchecked((long)(value | (ulong.MaxValue << Math.Min(63, (length * 8) - 1)))) : checked((long)value);
        }

        long number = 0;
        foreach (byte b in field.Trim((byte)' ').TrimEnd((byte)0).Trim((byte)' '))
        {
            if (b is < (byte)'0' or > (byte)'7' || number > long.MaxValue >> 3)
            {
                throw new ImageFormatException($"tar: {what} is no octal number");
            }

            number = (number << 3) | (uint)(b - '0');
        }

        return number;
    }

    /// <summary>Bytes up to the first NUL.</summary>
    public static byte[] Text(ReadOnlySpan<byte> header, int offset, int length)
    {
        ReadOnlySpan<byte> field = header.Slice(offset, length);
        int end = field.IndexOf((byte)0);
        return (end < 0 ? field : field[..end]).ToArray();
    }

    public static void VerifyChecksum(ReadOnlySpan<byte> header)
    {
        long sum = 0;
        for (int i = 0; i < BlockBytes; i++)
        {
            sum += i is >= ChecksumOffset and < ChecksumOffset + ChecksumBytes ? ' ' : header[i];
        }

        if (sum != Number(header, ChecksumOffset, ChecksumBytes, "a header's checksum"))
        {
            throw new ImageFormatException("tar: a header's checksum is wrong; the archive is damaged or no tar");
        }
    }
}
