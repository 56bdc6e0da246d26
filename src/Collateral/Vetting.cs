using System.Collections.Immutable;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;

namespace Pavise.Collateral;

/// <summary>
/// Tells genuine collateral from what a service, or who stands in its place, made up: signed under a pinned root, fresh or not. A cache keeps nothing else, or one
/// false answer would make every later verification fail.
/// </summary>
internal static class Vetting
{
    /// <summary>Leaf, intermediate, root.</summary>
    private const int LongestChain = 3;

    /// <summary>The genuine parts.</summary>
    public static VerificationCollateral Genuine(VerificationCollateral found, PinnedRoots roots)
    {
        CertificatePool pool = CertificatePool.Read(found.SnpCertificates);
        DerCertificate[] genuine = [.. pool.Certificates.Where(c => LeadsToRoot(c, pool, roots, LongestChain))];
        return new()
        {
            SnpCertificates = [.. genuine.Select(c => c.Raw)],
            SnpCrls = [.. found.SnpCrls.Where(l => genuine.Any(c => roots.ArkOf(c) is not null && Signed(l, c)))],
            Tdx = found.Tdx is { } tdx ? Genuine(tdx, roots) : null,
        };
    }

    private static bool LeadsToRoot(DerCertificate certificate, CertificatePool pool, PinnedRoots roots, int left) =>
        roots.ArkOf(certificate) is not null
            ? CertificatePool.Signed(certificate, certificate)
            : left > 1 && pool.IssuerOf(certificate) is { } issuer
                && CertificateExtensions.IsCertificateAuthority(issuer) && CertificatePool.Signed(certificate, issuer) && LeadsToRoot(issuer, pool, roots, left - 1);

    private static TdxCollateral Genuine(TdxCollateral found, PinnedRoots roots)
    {
        TdxCollateral genuine = TdxCollateral.None;
        if (SignedCollateral.IsGenuine(SignedCollateral.TcbInfo, found.TcbInfo, found.TcbInfoChain, roots))
        {
            genuine = genuine with { TcbInfo = found.TcbInfo, TcbInfoChain = found.TcbInfoChain };
        }

        if (SignedCollateral.IsGenuine(SignedCollateral.QeIdentity, found.QeIdentity, found.QeIdentityChain, roots))
        {
            genuine = genuine with { QeIdentity = found.QeIdentity, QeIdentityChain = found.QeIdentityChain };
        }

        ImmutableArray<DerCertificate> chain = Read(found.PckCrlChain);
        if (chain is not [var authority, var root] || !roots.IsIntel(root) || !CertificatePool.Signed(root, root) || !CertificatePool.Signed(authority, root) || !CertificateExtensions.IsCertificateAuthority(authority))
        {
            return genuine;
        }

        return genuine with
        {
            PckCrl = Signed(found.PckCrl, authority) ? found.PckCrl : default,
            PckCrlChain = found.PckCrlChain,
            RootCrl = Signed(found.RootCrl, root) ? found.RootCrl : default,
        };
    }

    private static ImmutableArray<DerCertificate> Read(ReadOnlyMemory<byte> pem)
    {
        try
        {
            return [.. Pem.Certificates(pem.Span).Select(c => DerCertificate.Parse(c.Span))];
        }
        catch (EvidenceFormatException)
        {
            return [];
        }
    }

    private static bool Signed(ReadOnlyMemory<byte> encoded, DerCertificate issuer)
    {
        try
        {
            RevocationList list = RevocationList.Parse(encoded.Span);
            return list.Issuer.Span.SequenceEqual(issuer.Subject.Span) && Signatures.Hold(list.SignatureAlgorithm.Span, issuer.PublicKey.Span, list.Signed.Span, list.Signature.Span);
        }
        catch (EvidenceFormatException)
        {
            return false;
        }
    }
}
