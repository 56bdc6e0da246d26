using System.Collections.Immutable;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// Checks certificates of one issuer against its revocation lists (RFC 5280, section 6.3, for complete lists): a list that the issuer signed and that is
/// fresh must be there, and no list that it signed, however old, may name one of them.
/// </summary>
internal static class Revocation
{
    public static void Check(string name, ImmutableArray<ReadOnlyMemory<byte>> encoded, DerCertificate issuer, ImmutableArray<DerCertificate> certificates, DateTimeOffset now, CheckLog log)
    {
        string expected = $"not revoked by {DistinguishedName.CommonName(issuer.Subject)}";
        bool fresh = false, any = false;
        string? window = null;
        foreach (ReadOnlyMemory<byte> bytes in encoded)
        {
            RevocationList list;
            try
            {
                list = RevocationList.Parse(bytes.Span);
            }
            catch (EvidenceFormatException e)
            {
                log.Is(name, false, expected, e.Message);
                return;
            }

            if (!list.Issuer.Span.SequenceEqual(issuer.Subject.Span))
            {
                continue;
            }

            any = true;
            if (!Signatures.Hold(list.SignatureAlgorithm.Span, issuer.PublicKey.Span, list.Signed.Span, list.Signature.Span))
            {
                log.Is(name, false, expected, "the list's signature does not hold");
                return;
            }

            if (certificates.FirstOrDefault(list.Revokes) is { } revoked)
            {
                log.Is(name, false, expected, $"serial {Convert.ToHexStringLower(revoked.Serial.Span)} is revoked");
                return;
            }

            if (list.ThisUpdate <= now && now <= list.NextUpdate)
            {
                fresh = true;
            }

            window = $"list of {Validity.Text(list.ThisUpdate)} to {Validity.Text(list.NextUpdate)}";
        }

        if (!any)
        {
            log.Missing(name, expected, "no revocation list of that issuer is given");
        }
        else
        {
            log.Is(name, fresh, expected, fresh ? "not on the list" : $"no fresh list at {Validity.Text(now)}: {window}");
        }
    }
}
