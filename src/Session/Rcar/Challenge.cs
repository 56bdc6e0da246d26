using System.Text.Json;

namespace Pavise.Session.Rcar;

/// <summary>The answer to <c>POST /auth</c>.</summary>
/// <param name="Nonce">To be bound by the evidence, as it stands here.</param>
/// <param name="Hash">The hash by which the evidence binds the exchange.</param>
public sealed record Challenge(string Nonce, string Hash)
{
    /// <summary>Writes the message.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("nonce", Nonce);
        json.WriteStartObject("extra-params");
        json.WriteString("selected-hash-algorithm", Hash);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Reads the message.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static Challenge Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.AuthBytes, "a challenge", root =>
    {
        string? hash = root.TryGetProperty("extra-params", out JsonElement extra) && extra.ValueKind == JsonValueKind.Object
            ? extra.OptionalText("selected-hash-algorithm", 32)
            : null;
        return new Challenge(root.Text("nonce", SessionLimits.NonceChars), hash ?? HashNames.Default);
    });
}
