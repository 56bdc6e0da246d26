using System.Text.Json;

namespace Pavise.Attestation.Tdx;

/// <summary>
/// Intel's signed answers, <c>{"NAME":{…},"signature":"HEX"}</c>: the signature (ECDSA P-256, r and s as 128 hexadecimal digits) covers the exact bytes of the
/// value as they were sent (Intel PCS API, version 4).
/// </summary>
internal sealed record SignedJson(ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> Signature)
{
    private const int SignatureBytes = 64;

    /// <exception cref="EvidenceFormatException">The bytes are no such answer.</exception>
    public static SignedJson Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        if (bytes.Length > AttestationLimits.CollateralJsonBytes)
        {
            throw new EvidenceFormatException($"{name} has at most {AttestationLimits.CollateralJsonBytes} bytes, not {bytes.Length}");
        }

        try
        {
            return Read(bytes, name);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new EvidenceFormatException($"{name} is malformed: {e.Message}");
        }
    }

    private static SignedJson Read(ReadOnlyMemory<byte> bytes, string name)
    {
        Utf8JsonReader reader = new(bytes.Span, new JsonReaderOptions { MaxDepth = AttestationLimits.JsonDepth });
        ReadOnlyMemory<byte>? value = null;
        byte[]? signature = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("not an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (key == name && value is null && reader.TokenType == JsonTokenType.StartObject)
            {
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                value = bytes[start..(int)reader.BytesConsumed];
            }
            else if (key == "signature" && signature is null && reader.TokenType == JsonTokenType.String)
            {
                signature = Convert.FromHexString(reader.GetString()!);
            }
            else
            {
                throw new JsonException("unknown, repeated or ill-typed key");
            }
        }

        // Reads to the end: anything behind the object is an error of the reader.
        while (reader.Read())
        {
        }

        return value is { } v && signature is { Length: SignatureBytes } s ? new(v, s) : throw new JsonException("value or signature is missing");
    }
}
