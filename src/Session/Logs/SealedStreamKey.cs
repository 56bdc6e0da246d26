using System.Security.Cryptography;
using System.Text;
using Pavise.Session.Jose;

namespace Pavise.Session.Logs;

/// <summary>The key of one stream, sealed to one owner: ECDH-ES + A256KW (RFC 7518, 4.6), PartyVInfo is the stream's name.</summary>
/// <param name="KeyId">SHA-256 of the owner's sealing key (SubjectPublicKeyInfo), hexadecimal.</param>
/// <param name="Ephemeral">The sender's key of this one sealing, SubjectPublicKeyInfo.</param>
/// <param name="Wrapped">The stream's key, wrapped.</param>
internal sealed record SealedStreamKey(string KeyId, byte[] Ephemeral, byte[] Wrapped)
{
    public const int KeyBytes = 32;

    public static string IdOf(ReadOnlySpan<byte> sealKey) => Convert.ToHexStringLower(SHA256.HashData(sealKey));

    /// <summary>Seals to an owner's key, SubjectPublicKeyInfo on P-256 or P-384.</summary>
    public static SealedStreamKey Seal(ReadOnlySpan<byte> sealKey, string stream, ReadOnlySpan<byte> key)
    {
        using ECDiffieHellman owner = ECDiffieHellman.Create();
        owner.ImportSubjectPublicKeyInfo(sealKey, out _);
        using ECDiffieHellman own = ECDiffieHellman.Create(owner.ExportParameters(false).Curve);
        byte[] wrapping = Agree(own, owner, stream);
        byte[] wrapped = AesKeyWrap.Wrap(wrapping, key);
        CryptographicOperations.ZeroMemory(wrapping);
        return new(IdOf(sealKey), own.ExportSubjectPublicKeyInfo(), wrapped);
    }

    /// <summary>The stream's key, or null when it was not sealed to this owner.</summary>
    public byte[]? Open(ECDiffieHellman owner, string stream)
    {
        try
        {
            using ECDiffieHellman peer = ECDiffieHellman.Create();
            peer.ImportSubjectPublicKeyInfo(Ephemeral, out _);
            byte[] wrapping = Agree(owner, peer, stream);
            byte[]? key = AesKeyWrap.Unwrap(wrapping, Wrapped);
            CryptographicOperations.ZeroMemory(wrapping);
            return key is { Length: KeyBytes } ? key : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Another curve, or no key at all.
            return null;
        }
    }

    private static byte[] Agree(ECDiffieHellman own, ECDiffieHellman peer, string stream)
    {
        byte[] secret = own.DeriveRawSecretAgreement(peer.PublicKey);
        byte[] wrapping = ConcatKdf.Derive(secret, JoseNames.EcdhEsA256Kw, [], Encoding.ASCII.GetBytes(stream), KeyBytes * 8);
        CryptographicOperations.ZeroMemory(secret);
        return wrapping;
    }
}
