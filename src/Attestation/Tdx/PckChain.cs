using System.Collections.Immutable;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Tdx;

/// <summary>The chain in a quote: PCK certificate, Platform or Processor CA, Intel's root, in this order.</summary>
internal sealed record PckChain(PckCertificate Pck, DerCertificate Authority, DerCertificate Root)
{
    private const int Length = 3;

    /// <returns>The chain when it could be read, valid or not; null when it could not.</returns>
    public static PckChain? Check(TdxQuote quote, DateTimeOffset now, PinnedRoots roots, CheckLog log)
    {
        PckChain chain;
        try
        {
            ImmutableArray<DerCertificate> certificates = [.. Pem.Certificates(quote.PckChain.Span).Select(c => DerCertificate.Parse(c.Span))];
            chain = certificates.Length == Length
                ? new(PckCertificate.Parse(certificates[0]), certificates[1], certificates[2])
                : throw new EvidenceFormatException($"{certificates.Length} certificates");
        }
        catch (EvidenceFormatException e)
        {
            log.Is(CheckNames.TdxPckForm, false, "PCK certificate, CA, root", e.Message);
            return null;
        }

        DerCertificate leaf = chain.Pck.Certificate, authority = chain.Authority, root = chain.Root;
        log.Is(CheckNames.TdxPckForm, true, "PCK certificate, CA, root", $"FMSPC {Convert.ToHexStringLower(chain.Pck.Fmspc.Span)}");
        log.Is(CheckNames.TdxChainRoot, roots.IsIntel(root) && CertificatePool.Signed(root, root), "Intel's root, pinned", DistinguishedName.CommonName(root.Subject));
        Link(CheckNames.TdxChainIntermediate, authority, root, log);
        Link(CheckNames.TdxChainLeaf, leaf, authority, log);
        Validity.Check(CheckNames.TdxChainValidity, now, log, leaf, authority, root);
        return chain;
    }

    private static void Link(string name, DerCertificate certificate, DerCertificate issuer, CheckLog log)
    {
        // Intel signs PCK certificates with these two and its TCB info with another key of the same root.
        string[] authorities = ["Intel SGX Root CA", "Intel SGX PCK Platform CA", "Intel SGX PCK Processor CA"];
        string issuerName = DistinguishedName.CommonName(issuer.Subject);
        log.Is(
            name,
            authorities.Contains(issuerName) && CertificateExtensions.IsCertificateAuthority(issuer) && CertificatePool.Signed(certificate, issuer) && CertificatePool.KnowsCriticalExtensions(certificate),
            $"signed by {issuerName}",
            $"issuer {DistinguishedName.CommonName(certificate.Issuer)}");
    }
}
