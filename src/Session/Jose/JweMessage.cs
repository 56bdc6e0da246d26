using System.Text;
using System.Text.Json;

namespace Pavise.Session.Jose;

/// <summary>A JWE in the flattened JSON serialisation (RFC 7516 section 7.2.2), all parts decoded but the protected header, whose text is authenticated.</summary>
internal sealed record JweMessage(string Protected, byte[] EncryptedKey, byte[] Iv, byte[] Ciphertext, byte[] Tag, string? Aad)
{
    /// <summary>
    /// The additional authenticated data: the protected header's text, with the message's own data behind a dot where it has some (section 5.1, step 14). The key
    /// broker protocol's description calls the header's text itself <c>aad</c>: where that stands there, it counts once.
    /// </summary>
    public byte[] AuthenticatedData => Encoding.ASCII.GetBytes(Aad is null || Aad == Protected ? Protected : $"{Protected}.{Aad}");

    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("protected", Protected);
        json.WriteString("encrypted_key", Base64Text.Encode(EncryptedKey));
        json.WriteString("iv", Base64Text.Encode(Iv));
        json.WriteString("ciphertext", Base64Text.Encode(Ciphertext));
        json.WriteString("tag", Base64Text.Encode(Tag));
        if (Aad is not null)
        {
            json.WriteString("aad", Aad);
        }

        json.WriteEndObject();
    });

    public static JweMessage Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.AnswerBytes, "an encrypted answer", Read);

    public static JweMessage Read(JsonElement root) => new(
        root.Text("protected", SessionLimits.RequestBytes),
        Part(root, "encrypted_key", SessionLimits.RequestBytes),
        Part(root, "iv", 64),
        Part(root, "ciphertext", SessionLimits.AnswerBytes),
        Part(root, "tag", 64),
        root.OptionalText("aad", SessionLimits.RequestBytes) is { Length: > 0 } aad ? aad : null);

    private static byte[] Part(JsonElement root, string name, int most) => Base64Text.Decode(root.Text(name, most), name);
}
