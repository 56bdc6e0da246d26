using System.Collections.Immutable;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation.Collateral;

/// <summary>What collateral a piece of evidence needs. Made from unverified evidence: its values are of bounded length, and nothing more is known of them.</summary>
public sealed record CollateralRequest
{
    /// <summary>Kind of evidence.</summary>
    public required TeeKind Tee { get; init; }

    /// <summary>SNP: CHIP_ID, 64 bytes.</summary>
    public ReadOnlyMemory<byte> ChipId { get; init; }

    /// <summary>SNP: REPORTED_TCB as the report has it.</summary>
    public ulong ReportedTcb { get; init; }

    /// <summary>SNP: which key signed.</summary>
    public SnpSigningKey SigningKey { get; init; }

    /// <summary>SNP: the processor generation, null where the report does not say (version 2: Milan or Genoa).</summary>
    public SnpProduct? Product { get; init; }

    /// <summary>SNP: certificates that the evidence brings: a source need not look for those.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Certificates { get; init; } = [];

    /// <summary>TDX: FMSPC of the PCK certificate, 6 bytes.</summary>
    public ReadOnlyMemory<byte> Fmspc { get; init; }

    /// <summary>TDX: which CA issued the PCK certificate: <c>platform</c> or <c>processor</c>.</summary>
    public string PckCa { get; init; } = "";

    /// <summary>What this evidence needs. Null when nothing can: the simulated kind, or a PCK certificate that cannot be read.</summary>
    public static CollateralRequest? For(LaunchEvidence evidence)
    {
        switch (evidence.Tee)
        {
            case TeeKind.Snp:
                SnpReport report = evidence.Snp!;
                return new()
                {
                    Tee = TeeKind.Snp,
                    ChipId = report.ChipId,
                    ReportedTcb = report.ReportedTcb,
                    Certificates = evidence.Certificates,
                    SigningKey = report.SigningKey,
                    Product = report.Version >= 3 ? SnpProducts.OfCpuid(report.CpuidFamily, report.CpuidModel) : null,
                };
            case TeeKind.Tdx:
                return PckCertificate.TryRead(evidence.Tdx!, out PckCertificate? pck)
                    ? new() { Tee = TeeKind.Tdx, Fmspc = pck.Fmspc, PckCa = pck.IssuerIsProcessorCa ? "processor" : "platform" }
                    : null;
            default:
                return null;
        }
    }
}
