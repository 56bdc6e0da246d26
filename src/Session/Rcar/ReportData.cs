using Pavise.Policy.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Rcar;

/// <summary>
/// REPORT_DATA (REPORTDATA), 64 bytes, of a key broker exchange: the hash of a JSON object. No other purpose's value can be one: those hash a label that no JSON
/// begins with (<c>Pavise.Attestation.BootKeys.BootKeyReportData</c>).
/// </summary>
public static class ReportData
{
    /// <summary>Bytes.</summary>
    public const int Length = 64;

    /// <summary>
    /// Key broker exchange (Trustee 0.4.0): the selected hash of the canonical JSON (RFC 8785) of
    /// <c>{"tee-pubkey":JWK,"nonce":text,"additional-evidence":text}</c>, zeros behind.
    /// </summary>
    public static byte[] ForBroker(string hash, string nonce, Jwk teePublicKey, string additionalEvidence)
    {
        JsonValue runtime = JsonValue.Object(
            new("tee-pubkey", teePublicKey.Members), new("nonce", JsonValue.Of(nonce)), new("additional-evidence", JsonValue.Of(additionalEvidence)));
        byte[] data = new byte[Length];
        try
        {
            HashNames.Digest(hash, CanonicalJson.Write(runtime)).CopyTo(data, 0);
        }
        catch (JsonFormatException e)
        {
            throw new SessionFormatException(e.Message);
        }

        return data;
    }
}
