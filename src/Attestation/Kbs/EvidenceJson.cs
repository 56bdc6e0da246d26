using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Pavise.Attestation.Kbs;

/// <summary>
/// Evidence as attesters of the key broker protocol send it (Trustee 0.4.0, <c>primary_evidence</c>): SNP and simulated <c>{"attestation_report":{…},
/// "cert_chain":[{"cert_type","data"}]}</c>, TDX <c>{"cc_eventlog":…,"quote":"base64"}</c>. The event log is not used: what it would explain, the
/// registers already measure.
/// </summary>
public static class EvidenceJson
{
    /// <summary>Reads evidence.</summary>
    /// <exception cref="EvidenceFormatException">The bytes are no evidence of this kind.</exception>
    public static LaunchEvidence Read(TeeKind tee, ReadOnlyMemory<byte> json)
    {
        if (json.Length > AttestationLimits.EvidenceJsonBytes)
        {
            throw new EvidenceFormatException($"evidence has at most {AttestationLimits.EvidenceJsonBytes} bytes, not {json.Length}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new() { MaxDepth = AttestationLimits.JsonDepth, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            return tee == TeeKind.Tdx
                ? LaunchEvidence.Parse(tee, root.GetProperty("quote").GetBytesFromBase64())
                : LaunchEvidence.Parse(tee, SnpReportJson.Read(root.GetProperty("attestation_report")), Certificates(root));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new EvidenceFormatException($"{tee.Name()} evidence is malformed: {e.Message}");
        }
    }

    /// <summary>Writes evidence.</summary>
    public static byte[] Write(LaunchEvidence evidence)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            if (evidence.Tdx is { } quote)
            {
                json.WriteNull("cc_eventlog");
                json.WriteBase64String("quote", quote.Raw.Span);
            }
            else
            {
                json.WritePropertyName("attestation_report");
                SnpReportJson.Write(json, evidence.Snp!);
                WriteCertificates(json, evidence);
            }

            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static ImmutableArray<ReadOnlyMemory<byte>> Certificates(JsonElement root)
    {
        if (!root.TryGetProperty("cert_chain", out JsonElement chain) || chain.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return chain.GetArrayLength() <= AttestationLimits.Certificates
            ? [.. chain.EnumerateArray().Select(c => (ReadOnlyMemory<byte>)JsonBytes.Read(c.GetProperty("data"), AttestationLimits.CertificateBytes))]
            : throw new FormatException($"more than {AttestationLimits.Certificates} certificates");
    }

    private static void WriteCertificates(Utf8JsonWriter json, LaunchEvidence evidence)
    {
        json.WriteStartArray("cert_chain");
        foreach (ReadOnlyMemory<byte> certificate in evidence.Certificates)
        {
            json.WriteStartObject();
            json.WriteString("cert_type", CertificateTypes.Of(certificate));
            json.WritePropertyName("data");
            JsonBytes.Write(json, certificate.Span);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
