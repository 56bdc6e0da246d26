using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pavise.Session.Jose;

/// <summary>
/// A signature beside a document: JWS in the compact serialisation with detached content (RFC 7515 appendix F), <c>header..signature</c>, one line of ASCII.
/// The header is <c>{"typ":…,"alg":"ES256|ES384","kid":thumbprint of the key}</c>; the signature covers <c>header.base64url(document)</c>.
/// </summary>
public static class DetachedSignature
{
    /// <summary><c>typ</c> of an owner's signature over a policy's canonical bytes.</summary>
    public const string PolicyType = "pavise-policy+jws";

    /// <summary>Signs a document.</summary>
    public static string Sign(JwtKey key, ReadOnlySpan<byte> document, string type)
    {
        string[] parts = Jwt.Sign(key, document, type).Split('.');
        return $"{parts[0]}..{parts[2]}";
    }

    /// <summary>The name of the key that a signature says it was made with; nothing is verified.</summary>
    /// <exception cref="SessionFormatException">The text is no such signature.</exception>
    public static string KeyId(string signature) =>
        SessionJson.Read(Base64Text.Decode(Parts(signature).Header, "a signature's header"), SessionLimits.RequestBytes, "a signature's header", h => h.Text("kid", 128));

    /// <summary>Checks a signature over a document.</summary>
    /// <exception cref="SessionFormatException">It is no signature of this document by one of these keys, of this type.</exception>
    public static void Verify(string signature, ReadOnlySpan<byte> document, IReadOnlyList<JwtKey> keys, string type)
    {
        (string header, string value) = Parts(signature);
        JwtKey key = SessionJson.Read(Base64Text.Decode(header, "a signature's header"), SessionLimits.RequestBytes, "a signature's header", h => Find(h, keys, type));
        byte[] input = Encoding.ASCII.GetBytes($"{header}.{Base64Text.Encode(document)}");
        if (!key.Key.VerifyData(input, Base64Text.Decode(value, "a signature"), key.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            throw new SessionFormatException("the signature does not hold: the document or the signature was changed");
        }
    }

    private static (string Header, string Value) Parts(string signature)
    {
        string[] parts = signature.Trim().Split('.');
        return signature.Length <= SessionLimits.TokenChars && parts is [{ Length: > 0 }, "", { Length: > 0 }]
            ? (parts[0], parts[2])
            : throw new SessionFormatException("a detached signature is header..signature in base64url");
    }

    private static JwtKey Find(JsonElement header, IReadOnlyList<JwtKey> keys, string type)
    {
        JwtKey key = keys.FirstOrDefault(k => k.Id == header.Text("kid", 128)) ?? throw new SessionFormatException("the signature is by a key that is not among the given ones");
        return header.Text("alg", 16) == key.Algorithm && header.Text("typ", 64) == type && !header.TryGetProperty("crit", out _)
            ? key
            : throw new SessionFormatException($"the signature must have typ {type}, alg {key.Algorithm} and no crit");
    }
}
