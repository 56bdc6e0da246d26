using Pavise.Boundary;

namespace Pavise.Guest.Evidence;

/// <summary>Where a guest gets a report on itself.</summary>
internal interface IEvidenceSource
{
    /// <summary>What makes the evidence, as policies name it: snp, tdx or sim.</summary>
    string Tee { get; }

    /// <summary>Asks for an SNP report over 64 bytes of report data.</summary>
    Task<Untrusted<byte[]>> ReportAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation);
}
