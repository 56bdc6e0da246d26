using System.Globalization;
using System.Text;

namespace Pavise.Images.Tar;

/// <summary>Records "LENGTH KEY=VALUE\n" of an extended header (POSIX.1-2017, pax).</summary>
internal sealed class PaxRecords
{
    private const string XattrPrefix = "SCHILY.xattr.";
    private readonly Dictionary<string, byte[]> records = [];

    /// <summary>Adds the records of a header's data; a later record replaces an earlier one, an empty value deletes it.</summary>
    public void Add(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0 && data[0] != 0)
        {
            int space = data.IndexOf((byte)' ');
            if (space is < 1 or > 9 || !int.TryParse(data[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length <= space + 2 || length > data.Length || data[length - 1] != (byte)'\n')
            {
                throw new ImageFormatException("tar: a record of an extended header has a wrong length");
            }

            ReadOnlySpan<byte> record = data[(space + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals < 1)
            {
                throw new ImageFormatException("tar: a record of an extended header has no key");
            }

            string key = Encoding.Latin1.GetString(record[..equals]);
            if (key is "GNU.sparse.offset" or "GNU.sparse.numbytes")
            {
                throw new ImageFormatException("tar: sparse format 0.0 is not supported; write the archive with --sparse-version=1.0");
            }

            records[key] = record[(equals + 1)..].ToArray();
            data = data[length..];
        }
    }

    /// <summary>Copies the records of a global header, which hold for all that follow.</summary>
    public PaxRecords Clone()
    {
        PaxRecords clone = new();
        foreach ((string key, byte[] value) in records)
        {
            clone.records[key] = value;
        }

        return clone;
    }

    public byte[]? Bytes(string key) => records.TryGetValue(key, out byte[]? value) && value.Length > 0 ? value : null;

    /// <summary>A decimal number; a fraction is cut off towards minus infinity.</summary>
    public long? Number(string key)
    {
        if (Bytes(key) is not { } value)
        {
            return null;
        }

        string text = Encoding.Latin1.GetString(value);
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        string whole = dot < 0 ? text : text[..dot];
        if (!long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            throw new ImageFormatException($"tar: {key} is no number");
        }

        return dot >= 0 && whole.StartsWith('-') && text.AsSpan(dot + 1).ContainsAnyExcept('0') ? number - 1 : number;
    }

    public IReadOnlyList<(byte[] Name, byte[] Value)> Xattrs() =>
        [.. records.Where(r => r.Key.StartsWith(XattrPrefix, StringComparison.Ordinal)).Select(r => (Encoding.Latin1.GetBytes(r.Key[XattrPrefix.Length..]), r.Value))];
}
