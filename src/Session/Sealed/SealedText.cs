using Pavise.Session.Jose;

namespace Pavise.Session.Sealed;

/// <summary>
/// A sealed value as text, for an environment variable or a file of a Kubernetes Secret: <c>sealed.</c> and a JWS in the compact serialisation, signed by an owner of the
/// policy (RFC 7515), over <see cref="SealedContent"/>. The signature is what keeps the host from making one, and from putting it elsewhere.
/// </summary>
public static class SealedText
{
    /// <summary>What every sealed text begins with.</summary>
    public const string Prefix = "sealed.";

    /// <summary><c>typ</c> of the signature: an owner's other signatures serve nothing here.</summary>
    public const string Type = "pavise-sealed+jws";

    /// <summary>A reference: the value is what the key broker keeps.</summary>
    public static string Refer(JwtKey owner, SealedPlace place, ResourceUri resource) => Write(owner, new(place, resource, null));

    /// <summary>An envelope: the value itself, encrypted.</summary>
    /// <param name="owner">The owner's signing key.</param>
    /// <param name="place">Where it belongs.</param>
    /// <param name="resource">The resource that holds the key.</param>
    /// <param name="key">Its content, 32 bytes.</param>
    /// <param name="value">The value.</param>
    public static string Envelop(JwtKey owner, SealedPlace place, ResourceUri resource, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        Write(owner, new(place, resource, SealedEnvelope.Encrypt(place, resource, key, value)));

    /// <summary>Checks the signature and reads what was signed. White space at the end is none of the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="owners">Signing keys of the owners who may seal.</param>
    /// <exception cref="SessionFormatException">It is no sealed text, or none of these owners signed it.</exception>
    public static SealedContent Read(string text, IReadOnlyList<JwtKey> owners)
    {
        string trimmed = text.TrimEnd(' ', '\t', '\r', '\n');
        return trimmed.StartsWith(Prefix, StringComparison.Ordinal)
            ? SealedContent.Parse(Jwt.Verify(trimmed[Prefix.Length..], owners, Type, SessionLimits.SealedChars))
            : throw new SessionFormatException("it is no sealed text, which begins with `sealed.`");
    }

    private static string Write(JwtKey owner, SealedContent content)
    {
        string text = Prefix + Jwt.Sign(owner, content.Write(), Type);
        return text.Length <= SessionLimits.SealedChars ? text : throw new SessionFormatException($"sealed, the value has {text.Length} characters, more than {SessionLimits.SealedChars}");
    }
}
