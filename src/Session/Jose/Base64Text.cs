using System.Buffers.Text;

namespace Pavise.Session.Jose;

/// <summary>base64url without padding (RFC 4648 section 5), read strictly: one text for each value.</summary>
internal static class Base64Text
{
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <exception cref="SessionFormatException">The text is not base64url.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text, string what)
    {
        try
        {
            // The decoder tolerates white space, padding and spare bits; encoding again shows them.
            byte[] bytes = Base64Url.DecodeFromChars(text);
            if (text.SequenceEqual(Base64Url.EncodeToString(bytes)))
            {
                return bytes;
            }
        }
        catch (FormatException)
        {
        }

        throw new SessionFormatException($"{what} is not base64url without padding");
    }
}
