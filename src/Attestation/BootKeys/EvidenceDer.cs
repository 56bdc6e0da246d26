using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Pavise.Attestation.BootKeys;

/// <summary>
/// Evidence as DER: in the guest's certificate, and as the answer to a nonce. A value has one encoding.
/// <code>
/// Evidence ::= SEQUENCE {
///     version       INTEGER (1),
///     tee           UTF8String,               -- snp, tdx, sim
///     evidence      OCTET STRING,             -- SNP, simulated: report; TDX: quote
///     certificates  SEQUENCE OF OCTET STRING  -- X.509, DER; empty where the evidence brings none
/// }
/// </code>
/// </summary>
public static class EvidenceDer
{
    private const int Version = 1;

    /// <summary>Writes evidence.</summary>
    public static byte[] Write(LaunchEvidence evidence)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Version);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, evidence.Tee.Name());
            writer.WriteOctetString(evidence.Raw.Span);
            using (writer.PushSequence())
            {
                foreach (ReadOnlyMemory<byte> certificate in evidence.Certificates)
                {
                    writer.WriteOctetString(certificate.Span);
                }
            }
        }

        return writer.Encode();
    }

    /// <summary>Reads evidence from exactly its bytes. Nothing in it is verified.</summary>
    /// <exception cref="EvidenceFormatException">The bytes are no evidence of this form.</exception>
    public static LaunchEvidence Read(ReadOnlyMemory<byte> der)
    {
        if (der.Length > AttestationLimits.EvidenceDerBytes)
        {
            throw new EvidenceFormatException($"evidence has at most {AttestationLimits.EvidenceDerBytes} bytes, not {der.Length}");
        }

        try
        {
            AsnReader file = new(der, AsnEncodingRules.DER);
            AsnReader sequence = file.ReadSequence();
            file.ThrowIfNotEmpty();
            if (!sequence.TryReadInt32(out int version) || version != Version)
            {
                throw new EvidenceFormatException($"evidence of another version than {Version}");
            }

            string name = sequence.ReadCharacterString(UniversalTagNumber.UTF8String);
            TeeKind tee = TeeKinds.Find(name) ?? throw new EvidenceFormatException("evidence of an unknown kind");
            byte[] bytes = sequence.ReadOctetString();
            AsnReader list = sequence.ReadSequence();
            sequence.ThrowIfNotEmpty();
            return LaunchEvidence.Parse(tee, bytes, Certificates(list));
        }
        catch (AsnContentException e)
        {
            throw new EvidenceFormatException($"evidence is not DER of its form: {e.Message}");
        }
    }

    private static ImmutableArray<ReadOnlyMemory<byte>> Certificates(AsnReader list)
    {
        ImmutableArray<ReadOnlyMemory<byte>>.Builder certificates = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        while (list.HasData)
        {
            if (certificates.Count == AttestationLimits.Certificates)
            {
                throw new EvidenceFormatException($"evidence brings at most {AttestationLimits.Certificates} certificates");
            }

            certificates.Add(list.ReadOctetString());
        }

        return certificates.ToImmutable();
    }
}
