using System.Diagnostics.CodeAnalysis;

namespace Pavise.Session.Client;

/// <summary>Which broker: where it is, and the key that it must have.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="KeySha256">SHA-256 of the SubjectPublicKeyInfo of its TLS certificate, 32 bytes. Nothing else of the certificate counts: not its name, not who issued it, not its dates.</param>
public sealed record BrokerEndpoint(string Host, int Port, ReadOnlyMemory<byte> KeySha256)
{
    private const string PinPrefix = "spki-sha256:";

    /// <summary>Reads a URL and a pin as policies write them.</summary>
    /// <param name="url"><c>https://host:port</c>; 443 where there is no port.</param>
    /// <param name="pin"><c>spki-sha256:</c> and 64 hexadecimal digits or 43 or 44 characters of base64; the prefix may be absent.</param>
    /// <exception cref="SessionFormatException">One of them is malformed.</exception>
    public static BrokerEndpoint Parse(string url, string pin) =>
        !TrySplit(url, out Uri? uri) ? throw new SessionFormatException("a key broker's URL is https://host:port without path, query and user")
        : Pin(pin) is { Length: 32 } key ? new(uri.IdnHost, uri.Port, key)
        : throw new SessionFormatException("a key broker's key is spki-sha256: and 64 hexadecimal digits");

    /// <summary>The pin as policies write it.</summary>
    public string PinText => PinPrefix + Convert.ToHexStringLower(KeySha256.Span);

    private static bool TrySplit(string url, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(url, UriKind.Absolute, out uri) && uri.Scheme == Uri.UriSchemeHttps && uri.AbsolutePath == "/" && uri.Query.Length == 0
        && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0 && uri.IdnHost.Length > 0;

    private static byte[]? Pin(string text)
    {
        string value = text.StartsWith(PinPrefix, StringComparison.Ordinal) ? text[PinPrefix.Length..] : text;
        if (value.Length == 64 && value.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(value);
        }

        byte[] bytes = new byte[33];
        return value.Length is 43 or 44 && Convert.TryFromBase64String(value.PadRight(44, '='), bytes, out int written) ? bytes[..written] : null;
    }
}
