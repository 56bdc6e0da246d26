using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pavise.Attestation.BootKeys;

/// <summary>
/// REPORT_DATA (REPORTDATA), 64 bytes, of evidence over the boot key, one form for each purpose. Each hashes a label first: no value of one purpose can be one of
/// another, nor one of a key broker exchange, which hashes a JSON object.
/// </summary>
public static class BootKeyReportData
{
    /// <summary>The guest's certificate: evidence over the boot key.</summary>
    /// <param name="subjectPublicKeyInfo">The boot key, DER.</param>
    public static byte[] ForCertificate(ReadOnlySpan<byte> subjectPublicKeyInfo) => Labelled("pavise-session-certificate-v1", subjectPublicKeyInfo);

    /// <summary>Fresh evidence for somebody who sent a nonce.</summary>
    /// <param name="nonce">The nonce, as it was sent.</param>
    /// <param name="subjectPublicKeyInfo">The boot key, DER.</param>
    public static byte[] ForNonce(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> subjectPublicKeyInfo) => Labelled("pavise-session-nonce-v1", nonce, subjectPublicKeyInfo);

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
