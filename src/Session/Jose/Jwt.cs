using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pavise.Session.Jose;

/// <summary>A signing key of tokens with the name by which receivers find its public half.</summary>
/// <param name="Key">P-256 (ES256) or P-384 (ES384).</param>
/// <param name="Id"><c>kid</c>.</param>
public sealed record JwtKey(ECDsa Key, string Id)
{
    internal string Algorithm => Key.KeySize == 256 ? JoseNames.Es256 : JoseNames.Es384;

    internal HashAlgorithmName Hash => Key.KeySize == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384;

    /// <summary>Names a key by its thumbprint.</summary>
    public static JwtKey Of(ECDsa key) => new(key, Jwk.OfEc(key.ExportParameters(false), null).Thumbprint);
}

/// <summary>Signed tokens in the compact serialisation (RFC 7515, RFC 7519), ES256 and ES384 only.</summary>
public static class Jwt
{
    /// <summary>Signs claims.</summary>
    /// <param name="key">Signing key.</param>
    /// <param name="claims">The payload, JSON.</param>
    /// <param name="type"><c>typ</c>.</param>
    public static string Sign(JwtKey key, ReadOnlySpan<byte> claims, string type = "JWT")
    {
        byte[] header = SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("typ", type);
            json.WriteString("alg", key.Algorithm);
            json.WriteString("kid", key.Id);
            json.WriteEndObject();
        });
        string input = $"{Base64Text.Encode(header)}.{Base64Text.Encode(claims)}";
        byte[] signature = key.Key.SignData(Encoding.ASCII.GetBytes(input), key.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{input}.{Base64Text.Encode(signature)}";
    }

    /// <summary>Checks the signature and returns the payload. Expiry is the caller's: <see cref="EarToken"/>.</summary>
    /// <param name="token">Compact serialisation.</param>
    /// <param name="keys">Public keys by their names; the token's own key is never believed.</param>
    /// <param name="type">The <c>typ</c> that it must have, so that a token of one purpose serves no other.</param>
    /// <param name="most">Characters that a token of this purpose may have.</param>
    /// <exception cref="SessionFormatException">It is no token, or none of these keys signed it.</exception>
    public static byte[] Verify(string token, IReadOnlyList<JwtKey> keys, string type = "JWT", int most = SessionLimits.TokenChars)
    {
        if (token.Length > most)
        {
            throw new SessionFormatException($"a token has at most {most} characters");
        }

        string[] parts = token.Split('.');
        if (parts.Length != 3)
        {
            throw new SessionFormatException("a token has three parts");
        }

        byte[] header = Base64Text.Decode(parts[0], "a token's header");
        byte[] claims = Base64Text.Decode(parts[1], "a token's payload");
        byte[] signature = Base64Text.Decode(parts[2], "a token's signature");
        JwtKey key = SessionJson.Read(header, SessionLimits.RequestBytes, "a token's header", h => Find(h, keys, type));
        bool holds = key.Key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, key.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return holds ? claims : throw new SessionFormatException("the signature of a token does not hold");
    }

    private static JwtKey Find(JsonElement header, IReadOnlyList<JwtKey> keys, string type)
    {
        string id = header.Text("kid", 128);
        JwtKey key = keys.FirstOrDefault(k => k.Id == id) ?? throw new SessionFormatException("a token is signed by a key that is not known here");
        return header.Text("alg", 16) != key.Algorithm ? throw new SessionFormatException($"a token's alg must be {key.Algorithm}, as its key is")
            : header.OptionalText("typ", 64) != type ? throw new SessionFormatException($"a token's typ must be {type}")
            : header.TryGetProperty("crit", out _) ? throw new SessionFormatException("a token must not have crit")
            : key;
    }
}
