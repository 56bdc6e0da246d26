using System.Security.Cryptography;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;

namespace Pavise.Attestation.Tdx;

/// <summary>Who made a quote: the PCK's chain, the quoting enclave's report, the attestation key, the signature; then what Intel says of the platform.</summary>
internal static class TdxAuthenticator
{
    private const int P256Bits = 256;

    /// <summary>QE_VENDOR_ID of Intel's quoting enclave.</summary>
    private static readonly byte[] IntelQe = Convert.FromHexString("939a7233f79c4ca9940a0db3957f0607");

    public static EvidenceClaims Run(TdxQuote quote, TdxCollateral? collateral, DateTimeOffset now, PinnedRoots roots, CheckLog log)
    {
        log.Is(CheckNames.TdxQuotingEnclaveVendor, quote.QeVendorId.Span.SequenceEqual(IntelQe), Convert.ToHexStringLower(IntelQe), Convert.ToHexStringLower(quote.QeVendorId.Span));
        PckChain? chain = PckChain.Check(quote, now, roots, log);
        if (chain is not null)
        {
            QuotingEnclave(quote, chain.Pck, log);
        }

        log.Is(
            CheckNames.TdxSignature,
            Signatures.P256Holds(quote.AttestationKey.Span, quote.Signed.Span, quote.Signature.Span),
            "by the attestation key",
            "ECDSA P-256");
        TdxPlatform? platform = chain is null ? null : PlatformJudge.Judge(quote, chain, collateral, now, roots, log);
        TdxReportBody body = quote.Body;
        return new()
        {
            Tee = TeeKind.Tdx,
            ReportData = body.ReportData,
            PolicyDigest = body.MrConfigId,
            Measurement = new(body.MrTd, body.Rtmr0, body.Rtmr1, body.Rtmr2, body.Rtmr3),
            Tdx = quote,
            Platform = platform,
        };
    }

    private static void QuotingEnclave(TdxQuote quote, PckCertificate pck, CheckLog log)
    {
        bool holds = Signatures.EcdsaHolds(
            pck.Certificate.PublicKey.Span,
            quote.QeReport.Raw.Span,
            quote.QeReportSignature.Span,
            HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation,
            P256Bits);
        log.Is(CheckNames.TdxQeSignature, holds, "QE report signed by the PCK", holds ? "holds" : "does not hold");
        byte[] bound = SHA256.HashData((byte[])[.. quote.AttestationKey.Span, .. quote.QeAuthentication.Span]);
        ReadOnlySpan<byte> reportData = quote.QeReport.ReportData.Span;
        log.Is(
            CheckNames.TdxQeBinding,
            reportData[..bound.Length].SequenceEqual(bound) && !reportData[bound.Length..].ContainsAnyExcept((byte)0),
            $"{Convert.ToHexStringLower(bound)}, then zeros",
            Convert.ToHexStringLower(reportData));
    }
}
