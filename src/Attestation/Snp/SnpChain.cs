using System.Collections.Immutable;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Snp;

/// <summary>The chain of a VCEK (ASK, ARK) or VLEK (ASVK, ARK) to a pinned root: 57230, section on certificate chains.</summary>
internal static class SnpChain
{
    /// <returns>The generation of the root that the chain reached, null when it reached none.</returns>
    public static SnpProduct? Check(SnpCertificate leaf, CertificatePool pool, ImmutableArray<ReadOnlyMemory<byte>> crls, DateTimeOffset now, PinnedRoots roots, CheckLog log)
    {
        string issuerName = DistinguishedName.CommonName(leaf.Certificate.Issuer);
        if (pool.IssuerOf(leaf.Certificate) is not { } intermediate)
        {
            log.Missing(CheckNames.SnpChainLeaf, "signed by an ASK or ASVK", $"the issuer {issuerName} is not among the certificates");
            return null;
        }

        // One key signs VCEKs, another VLEKs: a provider's key must not vouch for a chip.
        string role = leaf.Kind == SnpSigningKey.Vlek ? "SEV-VLEK-" : "SEV-";
        bool rightRole = issuerName.StartsWith(role, StringComparison.Ordinal) && SnpProducts.OfName(issuerName[role.Length..]) is not null;
        log.Is(
            CheckNames.SnpChainLeaf,
            rightRole && CertificateExtensions.IsCertificateAuthority(intermediate) && CertificatePool.Signed(leaf.Certificate, intermediate) && CertificatePool.KnowsCriticalExtensions(leaf.Certificate),
            $"signed by {role}(product)",
            $"issuer {issuerName}");
        if (pool.IssuerOf(intermediate) is not { } root)
        {
            log.Missing(CheckNames.SnpChainIntermediate, "signed by an ARK", $"the issuer {DistinguishedName.CommonName(intermediate.Issuer)} is not among the certificates");
            return null;
        }

        log.Is(
            CheckNames.SnpChainIntermediate,
            CertificateExtensions.IsCertificateAuthority(root) && CertificatePool.Signed(intermediate, root) && CertificatePool.KnowsCriticalExtensions(intermediate),
            "signed by an ARK",
            $"issuer {DistinguishedName.CommonName(root.Subject)}");
        SnpProduct? product = roots.ArkOf(root);
        log.Is(CheckNames.SnpChainRoot, product is not null && CertificatePool.Signed(root, root), "AMD's root, pinned", product is { } p ? $"ARK-{p}" : DistinguishedName.CommonName(root.Subject));
        Validity.Check(CheckNames.SnpChainValidity, now, log, leaf.Certificate, intermediate, root);
        Revocation.Check(CheckNames.SnpRevocation, crls, root, [intermediate], now, log);
        return log.Passed(CheckNames.SnpChainRoot) && log.Passed(CheckNames.SnpChainIntermediate) && log.Passed(CheckNames.SnpChainLeaf) ? product : null;
    }
}
