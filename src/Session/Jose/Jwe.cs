using System.Security.Cryptography;
using System.Text;
using Pavise.Policy.Json;

namespace Pavise.Session.Jose;

/// <summary>
/// Encrypts to a public key as the key broker protocol does: ECDH-ES+A256KW (P-256, P-521; P-384 too) or RSA-OAEP-256, content with A256GCM
/// (RFC 7516, RFC 7518). The protected header is in the order <c>alg, enc, epk{crv,kty,x,y}</c>: Trustee's clients write it anew before they check it.
/// </summary>
public static class Jwe
{
    internal const int KeyBytes = 32, IvBytes = 12, TagBytes = 16;

    /// <summary>Encrypts a content; a fresh key each time.</summary>
    /// <exception cref="SessionFormatException">The key names another algorithm than its kind has here.</exception>
    public static byte[] Encrypt(Jwk recipient, ReadOnlySpan<byte> content)
    {
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        try
        {
            return Seal(recipient, content, key, RandomNumberGenerator.GetBytes(IvBytes), null).Write();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The same with everything random given, for known answers.</summary>
    internal static JweMessage Seal(Jwk recipient, ReadOnlySpan<byte> content, byte[] key, byte[] iv, ECDiffieHellman? ephemeral)
    {
        (JsonValue header, byte[] encryptedKey) = recipient.Ec is { } ec
            ? Agree(recipient, ec, key, ephemeral)
            : Transport(recipient, key);
        string text = Base64Text.Encode(CanonicalJson.Write(header));
        byte[] ciphertext = new byte[content.Length], tag = new byte[TagBytes];
        using (AesGcm gcm = new(key, TagBytes))
        {
            gcm.Encrypt(iv, content, ciphertext, tag, Encoding.ASCII.GetBytes(text));
        }

        return new(text, encryptedKey, iv, ciphertext, tag, null);
    }

    /// <summary>Z: the raw shared secret, as long as the curve's field.</summary>
    internal static byte[] Secret(ECDiffieHellman own, ECParameters other)
    {
        using ECDiffieHellman peer = ECDiffieHellman.Create(other);
        return own.DeriveRawSecretAgreement(peer.PublicKey);
    }

    private static (JsonValue, byte[]) Agree(Jwk recipient, ECParameters ec, byte[] key, ECDiffieHellman? ephemeral)
    {
        Demand(recipient, JoseNames.EcdhEsA256Kw);
        using ECDiffieHellman? made = ephemeral is null ? ECDiffieHellman.Create(ec.Curve) : null;
        ECDiffieHellman own = ephemeral ?? made!;
        byte[] secret = Secret(own, ec);
        byte[] wrapping = ConcatKdf.Derive(secret, JoseNames.EcdhEsA256Kw, [], [], KeyBytes * 8);
        CryptographicOperations.ZeroMemory(secret);
        Jwk epk = Jwk.OfEc(own.ExportParameters(false), null);
        JsonValue header = JsonValue.Object(
            new("alg", JsonValue.Of(JoseNames.EcdhEsA256Kw)), new("enc", JsonValue.Of(JoseNames.A256Gcm)), new("epk", epk.Members));
        byte[] encrypted = AesKeyWrap.Wrap(wrapping, key);
        CryptographicOperations.ZeroMemory(wrapping);
        return (header, encrypted);
    }

    private static (JsonValue, byte[]) Transport(Jwk recipient, byte[] key)
    {
        Demand(recipient, JoseNames.RsaOaep256);
        using RSA rsa = RSA.Create(recipient.Rsa!.Value);
        return (
            JsonValue.Object(new("alg", JsonValue.Of(JoseNames.RsaOaep256)), new("enc", JsonValue.Of(JoseNames.A256Gcm))),
            rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256));
    }

    private static void Demand(Jwk recipient, string algorithm)
    {
        if (recipient.Algorithm is { } named && named != algorithm)
        {
            throw new SessionFormatException($"alg of this key must be {algorithm}");
        }
    }
}
