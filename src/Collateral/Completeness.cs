using System.Collections.Immutable;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Collateral;

/// <summary>Whether collateral has all that a request needs, and it is fresh. Whether it is genuine is for the verifier.</summary>
internal static class Completeness
{
    public static bool IsComplete(VerificationCollateral collateral, CollateralRequest request, DateTimeOffset now)
    {
        try
        {
            return request.Tee == TeeKind.Tdx ? collateral.Tdx is { } tdx && Tdx(tdx, request, now) : Snp(collateral, request, now);
        }
        catch (EvidenceFormatException)
        {
            return false;
        }
    }

    private static bool Snp(VerificationCollateral collateral, CollateralRequest request, DateTimeOffset now)
    {
        CertificatePool pool = CertificatePool.Read([.. collateral.SnpCertificates, .. request.Certificates]);
        IEnumerable<DerCertificate> below = request.SigningKey == SnpSigningKey.Vlek
            ? pool.Certificates.Where(c => DistinguishedName.CommonName(c.Subject).StartsWith("SEV-VLEK-", StringComparison.Ordinal))
            : pool.Certificates.Where(c => IsVcek(c, request)).Select(pool.IssuerOf).OfType<DerCertificate>();
        DerCertificate? root = below.Select(pool.IssuerOf).FirstOrDefault(r => r is not null);
        return root is not null && collateral.SnpCrls.Select(c => RevocationList.Parse(c.Span)).Any(l => l.Issuer.Span.SequenceEqual(root.Subject.Span) && IsFresh(l, now));
    }

    /// <summary>Whether the evidence brings a certificate for its own chip and TCB.</summary>
    public static bool BringsVcek(CollateralRequest request) => CertificatePool.Read(request.Certificates).Certificates.Any(c => IsVcek(c, request));

    private static bool IsVcek(DerCertificate certificate, CollateralRequest request)
    {
        try
        {
            return SnpCertificate.Is(certificate)
                && SnpCertificate.Parse(certificate) is { Product: { } product } vcek
                && vcek.IsOfChip(request.ChipId.Span)
                && SnpTcb.Read(request.ReportedTcb, product) == vcek.Tcb;
        }
        catch (EvidenceFormatException)
        {
            return false;
        }
    }

    private static bool Tdx(TdxCollateral collateral, CollateralRequest request, DateTimeOffset now)
    {
        TcbInfo info = CollateralReader.ReadTcbInfo(SignedJson.Parse(collateral.TcbInfo, "tcbInfo").Value);
        QeIdentity identity = CollateralReader.ReadQeIdentity(SignedJson.Parse(collateral.QeIdentity, "enclaveIdentity").Value);
        return info.Fmspc.Span.SequenceEqual(request.Fmspc.Span)
            && info.NextUpdate > now && identity.NextUpdate > now
            && !collateral.TcbInfoChain.IsEmpty && !collateral.QeIdentityChain.IsEmpty
            && ImmutableArray.Create(collateral.PckCrl, collateral.RootCrl).All(c => IsFresh(RevocationList.Parse(c.Span), now));
    }

    private static bool IsFresh(RevocationList list, DateTimeOffset now) => now <= list.NextUpdate;
}
