using System.Buffers.Binary;

namespace Pavise.Images.Erofs;

/// <summary>Extended attributes beside an inode: a 12-byte header, then entries {name length u8, prefix u8, value length u16, name, value} at multiples of 4.</summary>
internal static class XattrBody
{
    private static readonly (string Prefix, byte Index, bool WholeName)[] Prefixes =
    [
        ("system.posix_acl_access", 2, true),
        ("system.posix_acl_default", 3, true),
        ("user.", 1, false),
        ("security.", 6, false),
    ];

    /// <summary>The encoded body; empty without attributes.</summary>
    /// <exception cref="ImageFormatException">An attribute's name has no prefix that EROFS knows, or they are too many bytes.</exception>
    public static byte[] Encode(SortedDictionary<byte[], byte[]> xattrs)
    {
        if (xattrs.Count == 0)
        {
            return [];
        }

        List<byte> body = [.. new byte[ErofsFormat.XattrHeaderBytes]];
        foreach ((byte[] name, byte[] value) in xattrs)
        {
            (byte index, byte[] rest) = Split(name);
            byte[] entry = new byte[ErofsFormat.XattrEntryBytes];
            entry[0] = checked((byte)rest.Length);
            entry[1] = index;
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(2), checked((ushort)value.Length));
            body.AddRange(entry);
            body.AddRange(rest);
            body.AddRange(value);
            while (body.Count % 4 != 0)
            {
                body.Add(0);
            }
        }

        return body.Count <= ImageLimits.XattrBytes ? [.. body] : throw new ImageFormatException($"extended attributes of one file have {body.Count} bytes, at most {ImageLimits.XattrBytes} fit");
    }

    /// <summary>Value of the inode's i_xattr_icount for a body of this length.</summary>
    public static ushort Count(int bodyBytes) => bodyBytes == 0 ? (ushort)0 : (ushort)(1 + ((bodyBytes - ErofsFormat.XattrHeaderBytes) / 4));

    private static (byte Index, byte[] Suffix) Split(byte[] name)
    {
        string text = System.Text.Encoding.Latin1.GetString(name);
        foreach ((string prefix, byte index, bool whole) in Prefixes)
        {
            if (whole ? text == prefix : text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return (index, name[prefix.Length..]);
            }
        }

        throw new ImageFormatException($"extended attribute {text} cannot be stored");
    }
}
