using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pavise.Session.Jose;

/// <summary>The Concat key derivation of RFC 7518 section 4.6.2 (NIST SP 800-56A, one-step, SHA-256), up to 32 bytes.</summary>
internal static class ConcatKdf
{
    /// <param name="secret">Z, the shared secret: the whole x coordinate.</param>
    /// <param name="algorithm">AlgorithmID: <c>alg</c> where a key is wrapped, <c>enc</c> in direct agreement.</param>
    /// <param name="partyU">PartyUInfo (apu), decoded.</param>
    /// <param name="partyV">PartyVInfo (apv), decoded.</param>
    /// <param name="bits">Bits of the key, at most 256.</param>
    public static byte[] Derive(ReadOnlySpan<byte> secret, string algorithm, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, int bits)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[4];
        Number(hash, number, 1);
        hash.AppendData(secret);
        Block(hash, number, Encoding.ASCII.GetBytes(algorithm));
        Block(hash, number, partyU);
        Block(hash, number, partyV);
        Number(hash, number, bits);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        byte[] key = digest[..(bits / 8)].ToArray();
        CryptographicOperations.ZeroMemory(digest);
        return key;
    }

    private static void Block(IncrementalHash hash, Span<byte> number, ReadOnlySpan<byte> data)
    {
        Number(hash, number, data.Length);
        hash.AppendData(data);
    }

    private static void Number(IncrementalHash hash, Span<byte> number, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(number, value);
        hash.AppendData(number);
    }
}
