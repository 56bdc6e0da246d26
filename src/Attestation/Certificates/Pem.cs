using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace Pavise.Attestation.Certificates;

/// <summary>Certificates in PEM (RFC 7468, strict form, CERTIFICATE only). Text between the blocks must be white space; trailing zero bytes are allowed, as quotes have them.</summary>
public static class Pem
{
    private static ReadOnlySpan<byte> Begin => "-----BEGIN CERTIFICATE-----"u8;

    private static ReadOnlySpan<byte> End => "-----END CERTIFICATE-----"u8;

    private static ReadOnlySpan<byte> White => " \t\r\n"u8;

    /// <summary>Reads all certificates of a text, at most <see cref="AttestationLimits.Certificates"/>.</summary>
    /// <returns>DER of each, in their order.</returns>
    /// <exception cref="EvidenceFormatException">The text is no such list.</exception>
    public static ImmutableArray<ReadOnlyMemory<byte>> Certificates(ReadOnlySpan<byte> text)
    {
        if (text.Length > AttestationLimits.PemBytes)
        {
            throw new EvidenceFormatException($"a certificate chain has at most {AttestationLimits.PemBytes} bytes, not {text.Length}");
        }

        ImmutableArray<ReadOnlyMemory<byte>>.Builder found = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        text = text.TrimEnd((byte)0).Trim(White);
        while (!text.IsEmpty)
        {
            // The dashes that end the first line could also begin the last one: what is behind the first line is searched.
            ReadOnlySpan<byte> body = text.StartsWith(Begin) ? text[Begin.Length..] : [];
            int end = body.IndexOf(End);
            if (end < 0)
            {
                throw new EvidenceFormatException("a certificate chain must be PEM blocks CERTIFICATE and nothing else");
            }

            found.Add(Decode(body[..end]));
            if (found.Count > AttestationLimits.Certificates)
            {
                throw new EvidenceFormatException($"a certificate chain has at most {AttestationLimits.Certificates} certificates");
            }

            text = body[(end + End.Length)..].TrimStart(White);
        }

        return found.ToImmutable();
    }

    /// <summary>Writes certificates as PEM.</summary>
    public static string Write(params IEnumerable<ReadOnlyMemory<byte>> certificates)
    {
        StringBuilder text = new();
        foreach (ReadOnlyMemory<byte> certificate in certificates)
        {
            text.Append(System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", certificate.Span)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether a text is exactly what <see cref="Write"/> makes of its certificates; one zero byte may stand behind it, as Intel's quoting enclave writes.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> text)
    {
        try
        {
            ReadOnlySpan<byte> body = text is [.., 0] ? text[..^1] : text;
            return body.SequenceEqual(Encoding.ASCII.GetBytes(Write(Certificates(body))));
        }
        catch (EvidenceFormatException)
        {
            return false;
        }
    }

    // Base64 decoding skips white space by itself.
    private static byte[] Decode(ReadOnlySpan<byte> body)
    {
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length)];
        return Base64.DecodeFromUtf8(body, bytes, out int consumed, out int written) == OperationStatus.Done && consumed == body.Length
            ? bytes[..written]
            : throw new EvidenceFormatException("a certificate in a PEM chain is not base64");
    }
}
