using System.Security.Cryptography;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;

namespace Pavise.Attestation.Snp;

/// <summary>Who made a report: its key's certificate, the chain to AMD's root, the signature.</summary>
internal static class SnpAuthenticator
{
    private const int P384Bits = 384;

    public static EvidenceClaims Run(LaunchEvidence evidence, VerificationCollateral collateral, DateTimeOffset now, PinnedRoots roots, CheckLog log)
    {
        SnpReport report = evidence.Snp!;
        CertificatePool pool = CertificatePool.Read([.. collateral.SnpCertificates, .. evidence.Certificates]);
        log.Is(CheckNames.SnpCertificatesForm, pool.Problem is null, "X.509 in DER", pool.Problem ?? $"{pool.Certificates.Length} certificates");
        SnpCertificate? leaf = FindLeaf(pool, report, log);
        SnpProduct? root = leaf is null ? null : SnpChain.Check(leaf, pool, collateral.SnpCrls, now, roots, log);
        SnpProduct? product = root is { } r && Product(report, leaf!, r, log) ? r : null;
        if (leaf is not null)
        {
            Compare(report, leaf, log);
        }

        return new()
        {
            Tee = TeeKind.Snp,
            ReportData = report.ReportData,
            PolicyDigest = report.HostData,
            Measurement = new(report.Measurement),
            Snp = report,
            Product = product,
            CloudProvider = leaf?.CloudProvider,
        };
    }

    // The best fitting one of the kind that signed: which one is chosen decides nothing, since every check below must hold for it.
    private static SnpCertificate? FindLeaf(CertificatePool pool, SnpReport report, CheckLog log)
    {
        string expected = report.SigningKey == SnpSigningKey.Vlek ? "a VLEK certificate" : "a VCEK certificate";
        string? problem = null;
        List<SnpCertificate> found = [];
        foreach (DerCertificate certificate in pool.Certificates.Where(SnpCertificate.Is))
        {
            try
            {
                found.Add(SnpCertificate.Parse(certificate));
            }
            catch (EvidenceFormatException e)
            {
                problem = e.Message;
            }
        }

        SnpCertificate? best = found.Where(c => c.Kind == report.SigningKey)
            .OrderByDescending(c => (c.IsOfChip(report.ChipId.Span) ? 2 : 0) + (c.Product is { } p && SnpTcb.Read(report.ReportedTcb, p) == c.Tcb ? 1 : 0))
            .FirstOrDefault();
        if (best is not null)
        {
            log.Is(CheckNames.SnpCertificate, true, expected, $"{best.Kind} for {best.ProductName}, TCB {best.Tcb}");
        }
        else if (problem is not null)
        {
            log.Is(CheckNames.SnpCertificate, false, expected, problem);
        }
        else
        {
            log.Missing(CheckNames.SnpCertificate, expected, "neither the evidence nor the collateral has one");
        }

        return best;
    }

    private static bool Product(SnpReport report, SnpCertificate leaf, SnpProduct root, CheckLog log)
    {
        SnpProduct? byProcessor = report.Version >= 3 ? SnpProducts.OfCpuid(report.CpuidFamily, report.CpuidModel) : root;
        string processor = report.Version >= 3 ? $", processor family {report.CpuidFamily:x}h model {report.CpuidModel:x}h" : "";
        return log.Is(CheckNames.SnpProduct, leaf.Product == root && byProcessor == root, $"{root}, as the root", $"certificate {leaf.ProductName}{processor}");
    }

    private static void Compare(SnpReport report, SnpCertificate leaf, CheckLog log)
    {
        SnpTcb? reported = leaf.Product is { } p ? SnpTcb.Read(report.ReportedTcb, p) : null;
        log.Is(CheckNames.SnpCertificateTcb, reported == leaf.Tcb, $"{leaf.Tcb}, as the certificate", reported?.ToString() ?? $"0x{report.ReportedTcb:x16}");
        string chip = Convert.ToHexStringLower(report.ChipId.Span);
        if (leaf.HardwareId is { } id)
        {
            log.Is(CheckNames.SnpCertificateChip, leaf.IsOfChip(report.ChipId.Span), Convert.ToHexStringLower(id.Span), chip);
        }
        else
        {
            log.NotAsked(CheckNames.SnpCertificateChip, $"a VLEK is of no chip; {chip}");
        }

        bool holds = Signatures.EcdsaHolds(
            leaf.Certificate.PublicKey.Span,
            report.Raw.Span[..SnpReport.SignedBytes],
            report.SignatureP1363,
            HashAlgorithmName.SHA384,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation,
            P384Bits);
        log.Is(CheckNames.SnpSignature, holds, $"by the {leaf.Kind}", holds ? "holds" : "does not hold");
    }
}
