using System.Security.Cryptography;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// The signature algorithms of the two vendors: RSASSA-PSS with SHA-384, MGF1 SHA-384, salt 48 (AMD) and ECDSA with SHA-256 (Intel; RFC 5758, section 3.2).
/// Nothing else is known.
/// </summary>
internal static class Signatures
{
    private static readonly byte[] EcdsaSha256 = Convert.FromHexString("300a06082a8648ce3d040302");

    // SubjectPublicKeyInfo of a key on P-256 or P-384 up to its uncompressed point (RFC 5480, section 2). Other curves, and curves given by their parameters,
    // are not for a cryptographic library to try out.
    private static readonly byte[] P256Key = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private static readonly byte[] P384Key = Convert.FromHexString("3076301006072a8648ce3d020106052b8104002203620004");

    /// <summary>Bits of AMD's RSA keys.</summary>
    private const int RsaBits = 4096;

    private const int P256Bits = 256;

    /// <summary>Whether a signature over data holds under a key. False for any algorithm, key or signature that is not one of the vendors'.</summary>
    public static bool Hold(ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        SignatureMemo.Hold(algorithm, publicKey, data, signature);

    /// <summary>The same, always computed.</summary>
    internal static bool Check(ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            if (PssParameters.AreKnown(algorithm))
            {
                using RSA rsa = RSA.Create();
                rsa.ImportSubjectPublicKeyInfo(publicKey, out int read);
                return read == publicKey.Length && rsa.KeySize == RsaBits && rsa.VerifyData(data, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
            }

            return algorithm.SequenceEqual(EcdsaSha256) && EcdsaHolds(publicKey, data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence, 256);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Whether an ECDSA signature holds under a key given as SubjectPublicKeyInfo on P-256 or P-384, whichever has this size.</summary>
    public static bool EcdsaHolds(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, DSASignatureFormat format, int bits)
    {
        if (!publicKey.StartsWith(bits == P256Bits ? P256Key : P384Key))
        {
            return false;
        }

        try
        {
            return EcdsaKeys.Verify(publicKey, bits, data, signature, hash, format);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Whether an ECDSA P-256 SHA-256 signature (r and s, 64 bytes) holds under a key given as its point (x and y, 64 bytes).</summary>
    public static bool P256Holds(ReadOnlySpan<byte> point, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        const int coordinate = 32;
        return point.Length == 2 * coordinate
            && EcdsaHolds([.. P256Key, .. point], data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, P256Bits);
    }
}
