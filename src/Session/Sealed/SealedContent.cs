using System.Text.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Sealed;

/// <summary>
/// What an owner signed in a sealed value, in the members of Confidential Containers' sealed secrets, version 0.1.0: <c>vault</c> names a resource whose content is
/// the value; <c>envelope</c> brings the value encrypted under a key that a resource wraps. <c>annotations</c> are the place.
/// </summary>
/// <param name="Place">Where it belongs.</param>
/// <param name="Resource">The value, or the key that opens it.</param>
/// <param name="Envelope">The encrypted value; null for a reference.</param>
public sealed record SealedContent(SealedPlace Place, ResourceUri Resource, SealedEnvelope? Envelope)
{
    private const string Version = "0.1.0", Provider = "kbs", Vault = "vault", Enveloped = "envelope", WrapType = "A256KW";

    private static readonly HashSet<string> VaultMembers = ["version", "type", "name", "provider", "provider_settings", "annotations"];

    private static readonly HashSet<string> EnvelopeMembers =
        ["version", "type", "key_id", "encrypted_key", "encrypted_data", "wrap_type", "iv", "provider", "provider_settings", "annotations"];

    /// <summary>Writes the payload.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", Version);
        json.WriteString("type", Envelope is null ? Vault : Enveloped);
        json.WriteString("provider", Provider);
        json.WriteString(Envelope is null ? "name" : "key_id", Resource.ToString());
        if (Envelope is { } envelope)
        {
            json.WriteString("encrypted_key", Base64Text.Encode(envelope.WrappedKey));
            json.WriteString("encrypted_data", Base64Text.Encode(envelope.Data));
            json.WriteString("wrap_type", WrapType);
            json.WriteString("iv", Base64Text.Encode(envelope.Iv));
        }

        json.WriteStartObject("provider_settings");
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString("policy", Place.Policy);
        json.WriteString("container", Place.Container);
        json.WriteString(Place.Variable.Length > 0 ? "env" : "file", Place.Variable.Length > 0 ? Place.Variable : Place.File);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Reads the payload of a signature that was verified.</summary>
    /// <exception cref="SessionFormatException">It is no such payload.</exception>
    public static SealedContent Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.SealedChars, "a sealed value", Read);

    private static SealedContent Read(JsonElement root)
    {
        bool isVault = Word(root, "type", Vault, Enveloped) == Vault;
        Only(root, isVault ? VaultMembers : EnvelopeMembers);
        Word(root, "version", Version);
        Word(root, "provider", Provider);
        Only(root.GetProperty("provider_settings"), []);
        ResourceUri resource = ResourceUri.Parse(root.Text(isVault ? "name" : "key_id", 512));
        return new(Annotated(root.GetProperty("annotations")), resource, isVault ? null : Encrypted(root));
    }

    private static SealedEnvelope Encrypted(JsonElement root)
    {
        Word(root, "wrap_type", WrapType);
        byte[] key = Base64Text.Decode(root.Text("encrypted_key", 128), "encrypted_key");
        byte[] iv = Base64Text.Decode(root.Text("iv", 64), "iv");
        byte[] data = Base64Text.Decode(root.Text("encrypted_data", SessionLimits.SealedChars), "encrypted_data");
        return key.Length == Jwe.KeyBytes + AesKeyWrap.Overhead && iv.Length == Jwe.IvBytes && data.Length >= Jwe.TagBytes
            ? new(key, iv, data)
            : throw new SessionFormatException("encrypted_key has 40 bytes, iv 12, and encrypted_data a tag of 16 at its end");
    }

    private static SealedPlace Annotated(JsonElement annotations)
    {
        bool isVariable = annotations.TryGetProperty("env", out _);
        Only(annotations, isVariable ? ["policy", "container", "env"] : ["policy", "container", "file"]);
        return new(
            annotations.Text("policy", 128),
            annotations.Text("container", 128),
            isVariable ? annotations.Text("env", 256) : "",
            isVariable ? "" : annotations.Text("file", 4096));
    }

    // A member that nobody reads would be a promise that nobody keeps.
    private static void Only(JsonElement owner, HashSet<string> known)
    {
        foreach (JsonProperty member in owner.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                throw new SessionFormatException($"a sealed value of this kind has no member {(member.Name.Length <= 64 ? member.Name : member.Name[..64])}");
            }
        }
    }

    private static string Word(JsonElement owner, string name, params ReadOnlySpan<string> words)
    {
        string text = owner.Text(name, 64);
        return words.Contains(text) ? text : throw new SessionFormatException($"{name} of a sealed value must be {string.Join(" or ", words!)}");
    }
}
