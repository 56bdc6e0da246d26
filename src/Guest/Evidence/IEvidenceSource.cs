using Pavise.Attestation;
using Pavise.Boundary;

namespace Pavise.Guest.Evidence;

/// <summary>Where a guest gets evidence of its own launch.</summary>
internal interface IEvidenceSource
{
    /// <summary>What makes the evidence.</summary>
    TeeKind Tee { get; }

    /// <summary>Asks for a report or quote over 64 bytes of report data. It passes through the host on its way.</summary>
    /// <exception cref="IOException">No evidence came.</exception>
    Task<Untrusted<byte[]>> ReportAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation);
}
