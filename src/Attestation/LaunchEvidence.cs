using System.Collections.Immutable;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation;

/// <summary>
/// Evidence of one launch: a report or quote of the right form, nothing in it verified. Its certificates, when it brings some, are as untrusted as the rest.
/// </summary>
public sealed record LaunchEvidence
{
    private LaunchEvidence(TeeKind tee, SnpReport? snp, TdxQuote? tdx, ImmutableArray<ReadOnlyMemory<byte>> certificates) =>
        (Tee, Snp, Tdx, Certificates) = (tee, snp, tdx, certificates);

    /// <summary>What the evidence says that it is.</summary>
    public TeeKind Tee { get; }

    /// <summary>The report of <see cref="TeeKind.Snp"/> and <see cref="TeeKind.Simulated"/>, else null.</summary>
    public SnpReport? Snp { get; }

    /// <summary>The quote of <see cref="TeeKind.Tdx"/>, else null.</summary>
    public TdxQuote? Tdx { get; }

    /// <summary>Certificates (DER) that came with a report, at most <see cref="AttestationLimits.Certificates"/>. A quote has its own inside.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Certificates { get; }

    /// <summary>REPORT_DATA or REPORTDATA, 64 bytes: what the guest asked to have signed.</summary>
    public ReadOnlyMemory<byte> ReportData => Snp?.ReportData ?? Tdx!.Body.ReportData;

    /// <summary>HOST_DATA (32 bytes) or MRCONFIGID (48 bytes): the policy that the launch binds.</summary>
    public ReadOnlyMemory<byte> PolicyDigest => Snp?.HostData ?? Tdx!.Body.MrConfigId;

    /// <summary>The report's or quote's bytes.</summary>
    public ReadOnlyMemory<byte> Raw => Snp?.Raw ?? Tdx!.Raw;

    /// <summary>Reads a report or quote. The bytes are copied.</summary>
    /// <param name="tee">What the sender says that it is.</param>
    /// <param name="bytes">SNP or simulated: 1184 bytes; TDX: a quote.</param>
    /// <param name="certificates">DER certificates that came with a report.</param>
    /// <exception cref="EvidenceFormatException">The bytes are no such evidence.</exception>
    public static LaunchEvidence Parse(TeeKind tee, ReadOnlySpan<byte> bytes, ImmutableArray<ReadOnlyMemory<byte>> certificates = default)
    {
        certificates = certificates.IsDefault ? [] : certificates;
        if (certificates.Length > AttestationLimits.Certificates)
        {
            throw new EvidenceFormatException($"evidence brings at most {AttestationLimits.Certificates} certificates, not {certificates.Length}");
        }

        if (certificates.Any(c => c.Length > AttestationLimits.CertificateBytes))
        {
            throw new EvidenceFormatException($"a certificate has at most {AttestationLimits.CertificateBytes} bytes");
        }

        return tee == TeeKind.Tdx
            ? new(tee, null, TdxQuote.Parse(bytes), certificates)
            : new(tee, SnpReport.Parse(bytes), null, certificates);
    }
}
