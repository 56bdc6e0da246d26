using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pavise.Session.Jose;

namespace Pavise.Session.Rcar;

/// <summary>
/// Shows that a request that changes something comes from the attested guest itself: header <c>pavise-proof: COUNTER.MAC</c>, where MAC is HMAC-SHA256 under
/// the key that the attestation answer carried, over <c>METHOD\nPATH\nCOUNTER\n</c> and the body. The counter only grows, so nothing is replayed. A cookie or
/// token that somebody copied is not enough.
/// </summary>
public static class RequestProof
{
    /// <summary>Name of the header.</summary>
    public const string Header = "pavise-proof";

    /// <summary>Bytes of the key.</summary>
    public const int KeyBytes = 32;

    /// <summary>Makes the header's value.</summary>
    public static string Make(ReadOnlySpan<byte> key, string method, string path, long counter, ReadOnlySpan<byte> body) =>
        string.Create(CultureInfo.InvariantCulture, $"{counter}.{Base64Text.Encode(Mac(key, method, path, counter, body))}");

    /// <summary>The counter of a header that was made with this key for this request, or null.</summary>
    public static long? Check(ReadOnlySpan<byte> key, string method, string path, string? header, ReadOnlySpan<byte> body)
    {
        string[] parts = header?.Split('.') ?? [];
        if (parts.Length != 2 || parts[1].Length > 64 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long counter))
        {
            return null;
        }

        try
        {
            return CryptographicOperations.FixedTimeEquals(Base64Text.Decode(parts[1], "a proof"), Mac(key, method, path, counter, body)) ? counter : null;
        }
        catch (SessionFormatException)
        {
            return null;
        }
    }

    private static byte[] Mac(ReadOnlySpan<byte> key, string method, string path, long counter, ReadOnlySpan<byte> body)
    {
        using IncrementalHash mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        mac.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{method}\n{path}\n{counter}\n")));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
