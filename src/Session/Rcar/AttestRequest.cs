using System.Text;
using System.Text.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Rcar;

/// <summary><c>POST /attest</c>: the evidence over the challenge and the guest's key.</summary>
/// <param name="InitData">The document that the launch binds, or null.</param>
/// <param name="Nonce">The challenge's nonce, as it was sent.</param>
/// <param name="TeePublicKey">The guest's key of this exchange.</param>
/// <param name="PrimaryEvidence">JSON, the exact bytes.</param>
/// <param name="AdditionalEvidence">JSON in a text; empty where there is none.</param>
public sealed record AttestRequest(InitData? InitData, string Nonce, Jwk TeePublicKey, ReadOnlyMemory<byte> PrimaryEvidence, string AdditionalEvidence)
{
    /// <summary>REPORT_DATA that the evidence must have.</summary>
    /// <param name="hash">The challenge's hash.</param>
    public byte[] ReportDataFor(string hash) => ReportData.ForBroker(hash, Nonce, TeePublicKey, AdditionalEvidence);

    /// <summary>Writes the message.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        if (InitData is not null)
        {
            json.WriteStartObject("init-data");
            json.WriteString("format", InitData.Format);
            json.WriteString("body", InitData.Body);
            json.WriteEndObject();
        }

        json.WriteStartObject("runtime-data");
        json.WriteString("nonce", Nonce);
        json.WritePropertyName("tee-pubkey");
        TeePublicKey.Write(json);
        json.WriteEndObject();
        json.WriteStartObject("tee-evidence");
        json.WritePropertyName("primary_evidence");
        json.WriteRawValue(PrimaryEvidence.Span);
        json.WriteString("additional_evidence", AdditionalEvidence);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Reads the message.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static AttestRequest Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.AttestBytes, "an attestation request", Read);

    private static AttestRequest Read(JsonElement root)
    {
        JsonElement runtime = root.GetProperty("runtime-data"), evidence = root.GetProperty("tee-evidence");
        byte[] primary = evidence.GetProperty("primary_evidence").RawBytes();
        if (primary.Length > SessionLimits.EvidenceBytes)
        {
            throw new SessionFormatException($"primary_evidence has at most {SessionLimits.EvidenceBytes} bytes");
        }

        return new(
            root.TryGetProperty("init-data", out JsonElement init) && init.ValueKind != JsonValueKind.Null ? Init(init) : null,
            runtime.Text("nonce", SessionLimits.NonceChars),
            Jwk.Parse(runtime.GetProperty("tee-pubkey")),
            primary,
            evidence.OptionalText("additional_evidence", SessionLimits.AdditionalEvidenceChars) ?? "");
    }

    private static InitData Init(JsonElement init)
    {
        string body = init.Text("body", SessionLimits.InitDataBytes);
        return Encoding.UTF8.GetByteCount(body) <= SessionLimits.InitDataBytes
            ? new(init.Text("format", 16), body)
            : throw new SessionFormatException($"init-data has at most {SessionLimits.InitDataBytes} bytes");
    }
}
