using System.Security.Cryptography;
using System.Text;

namespace Pavise.Workloads;

/// <summary>A random secret and every form in which its bytes are looked for: plain, base64 at each alignment, hexadecimal, UTF-16, reversed.</summary>
public sealed class Canary
{
    private readonly (string Form, byte[] Bytes)[] forms;

    /// <summary>Looks for the given text.</summary>
    public Canary(string text)
    {
        Text = text;
        byte[] plain = Encoding.ASCII.GetBytes(text), reversed = [.. plain.Reverse()];
        forms =
        [
            ("plain", plain),
            ("reversed", reversed),
            ("UTF-16", Encoding.Unicode.GetBytes(text)),
            ("UTF-16 big-endian", Encoding.BigEndianUnicode.GetBytes(text)),
            ("hexadecimal", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(plain))),
            ("hexadecimal, capitals", Encoding.ASCII.GetBytes(Convert.ToHexString(plain))),
            .. Enumerable.Range(0, 3).Select(before => ($"base64, {before} bytes behind a group", Base64Within(plain, before))),
        ];
        Longest = forms.Max(f => f.Bytes.Length);
    }

    /// <summary>The secret.</summary>
    public string Text { get; }

    /// <summary>Bytes of the longest form: blocks that are searched one by one have to overlap by one less.</summary>
    public int Longest { get; }

    /// <summary>A new one of 40 hexadecimal digits.</summary>
    public static Canary Random() => new(RandomNumberGenerator.GetHexString(40, lowercase: true));

    /// <summary>The forms that occur in the bytes.</summary>
    public IEnumerable<string> Find(ReadOnlyMemory<byte> bytes) => forms.Where(f => bytes.Span.IndexOf(f.Bytes) >= 0).Select(f => f.Form);

    // The characters of base64 that depend on the text alone, wherever in a longer text it stands.
    private static byte[] Base64Within(byte[] plain, int before)
    {
        string encoded = Convert.ToBase64String([.. new byte[before], .. plain]);
        int first = (before * 8 + 5) / 6, last = (before + plain.Length) * 8 / 6;
        return Encoding.ASCII.GetBytes(encoded[first..last]);
    }
}
