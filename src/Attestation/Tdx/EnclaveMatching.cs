namespace Pavise.Attestation.Tdx;

/// <summary>Whether the quoting enclave is Intel's, and which level it has reached (Intel PCS API version 4, "Get TD QE Identity").</summary>
internal static class EnclaveMatching
{
    /// <returns>The level, null when there is none.</returns>
    public static IsvLevel? Level(QeIdentity identity, QeReport report, CheckLog log)
    {
        log.Is(
            CheckNames.TdxQeIdentityMatch,
            identity.MrSigner.Span.SequenceEqual(report.MrSigner.Span)
                && report.IsvProdId == identity.IsvProdId
                && (report.MiscSelect & identity.MiscSelect.Mask) == identity.MiscSelect.Value
                && Masked(report.Attributes.Span, identity.Attributes.Mask.Span, identity.Attributes.Value.Span),
            $"signer {Convert.ToHexStringLower(identity.MrSigner.Span)}, product {identity.IsvProdId}",
            $"signer {Convert.ToHexStringLower(report.MrSigner.Span)}, product {report.IsvProdId}");
        return identity.Levels.FirstOrDefault(l => report.IsvSvn >= l.IsvSvn);
    }

    private static bool Masked(ReadOnlySpan<byte> found, ReadOnlySpan<byte> mask, ReadOnlySpan<byte> wanted)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if ((found[i] & mask[i]) != wanted[i])
            {
                return false;
            }
        }

        return true;
    }
}
