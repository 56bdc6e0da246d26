using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Pavise.Policy.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Rcar;

/// <summary>
/// REPORT_DATA (REPORTDATA), 64 bytes, for each purpose of evidence. No value of one purpose can be one of another: the key broker protocol's form hashes a
/// JSON object, the others hash a label that no JSON begins with.
/// </summary>
public static class ReportData
{
    /// <summary>Bytes.</summary>
    public const int Length = 64;

    /// <summary>
    /// Key broker exchange (Trustee 0.4.0): the selected hash of the canonical JSON (RFC 8785) of
    /// <c>{"tee-pubkey":JWK,"nonce":text,"additional-evidence":text}</c>, zeros behind.
    /// </summary>
    public static byte[] ForBroker(string hash, string nonce, Jwk teePublicKey, string additionalEvidence)
    {
        JsonValue runtime = JsonValue.Object(
            new("tee-pubkey", teePublicKey.Members), new("nonce", JsonValue.Of(nonce)), new("additional-evidence", JsonValue.Of(additionalEvidence)));
        byte[] data = new byte[Length];
        try
        {
            HashNames.Digest(hash, CanonicalJson.Write(runtime)).CopyTo(data, 0);
        }
        catch (JsonFormatException e)
        {
            throw new SessionFormatException(e.Message);
        }

        return data;
    }

    /// <summary>The certificate of an owner session: evidence over the boot key.</summary>
    /// <param name="subjectPublicKeyInfo">The boot key, DER.</param>
    public static byte[] ForSessionCertificate(ReadOnlySpan<byte> subjectPublicKeyInfo) => Labelled("pavise-session-certificate-v1", subjectPublicKeyInfo);

    /// <summary>Fresh evidence inside an owner session.</summary>
    /// <param name="nonce">The owner's nonce.</param>
    /// <param name="subjectPublicKeyInfo">The boot key, DER.</param>
    public static byte[] ForSessionNonce(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> subjectPublicKeyInfo) => Labelled("pavise-session-nonce-v1", nonce, subjectPublicKeyInfo);

    // SHA-512(label, 0, then each part behind its length as 32 bits big-endian).
    private static byte[] Labelled(string label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(Encoding.ASCII.GetBytes(label));
        hash.AppendData([0]);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, first.Length);
        hash.AppendData(length);
        hash.AppendData(first);
        BinaryPrimitives.WriteInt32BigEndian(length, second.Length);
        hash.AppendData(length);
        hash.AppendData(second);
        return hash.GetHashAndReset();
    }
}
