using System.Security.Cryptography;
using System.Text.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Rcar;

/// <summary>
/// The answer to <c>POST /attest</c>. A Trustee broker sends the token only; a Pavise broker also its token keys, and a key for <see cref="RequestProof"/>,
/// encrypted to the guest.
/// </summary>
/// <param name="Token">The attestation result.</param>
/// <param name="Keys">Public keys of tokens, empty where the broker sends none.</param>
/// <param name="SessionKey">JWE of the proof key, or null.</param>
public sealed record AttestAnswer(string Token, IReadOnlyList<Jwk> Keys, ReadOnlyMemory<byte>? SessionKey)
{
    /// <summary>Writes the message.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("token", Token);
        json.WriteStartArray("pavise-keys");
        foreach (Jwk key in Keys)
        {
            key.Write(json);
        }

        json.WriteEndArray();
        if (SessionKey is { } sessionKey)
        {
            json.WritePropertyName("pavise-session-key");
            json.WriteRawValue(sessionKey.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    });

    /// <summary>Reads the message.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static AttestAnswer Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.AttestBytes, "an attestation answer", root => new AttestAnswer(
        root.Text("token", SessionLimits.TokenChars),
        root.TryGetProperty("pavise-keys", out JsonElement keys) ? [.. keys.EnumerateArray().Take(8).Select(Jwk.Parse)] : [],
        root.TryGetProperty("pavise-session-key", out JsonElement key) ? key.RawBytes() : null));

    /// <summary>The token keys for verifying.</summary>
    internal IReadOnlyList<JwtKey> VerificationKeys() => [.. Keys.Where(k => k.Ec is not null).Select(k => new JwtKey(ECDsa.Create(k.Ec!.Value), k.Thumbprint))];
}
