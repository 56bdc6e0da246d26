using System.Text.Json;

namespace Pavise.Session.Rcar;

/// <summary><c>POST /auth</c>: asks for a challenge.</summary>
/// <param name="Tee">Kind of evidence, as the protocol names it.</param>
/// <param name="SupportedHashes">Hash algorithms that the guest supports; empty when it does not say.</param>
/// <param name="Version">Protocol version.</param>
public sealed record AuthRequest(string Tee, IReadOnlyList<string> SupportedHashes, string Version = AuthRequest.ProtocolVersion)
{
    /// <summary>The version spoken here.</summary>
    public const string ProtocolVersion = "0.4.0";

    /// <summary>Writes the message.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", Version);
        json.WriteString("tee", Tee);
        json.WriteStartObject("extra-params");
        json.WriteStartArray("supported-hash-algorithms");
        foreach (string hash in SupportedHashes)
        {
            json.WriteStringValue(hash);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Reads the message. <c>extra-params</c> may be anything: older clients send an empty text.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static AuthRequest Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.AuthBytes, "a request for a challenge", Read);

    private static AuthRequest Read(JsonElement root)
    {
        List<string> hashes = [];
        if (root.TryGetProperty("extra-params", out JsonElement extra) && extra.ValueKind == JsonValueKind.Object
            && extra.TryGetProperty("supported-hash-algorithms", out JsonElement supported))
        {
            foreach (JsonElement hash in supported.EnumerateArray())
            {
                hashes.Add(hash.GetString() ?? throw new SessionFormatException("supported-hash-algorithms must hold texts"));
            }
        }

        return new(root.Text("tee", 32), hashes, root.Text("version", 32));
    }
}
