#if PAVISE_DEVELOPMENT
using Pavise.Attestation;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls;
using Pavise.Guest.Transport;

namespace Pavise.Guest.Evidence;

/// <summary>The visor's simulated secure processor. Exists in the development flavour only: no production image can ask for it.</summary>
internal sealed class SimulatedEvidence(IBoundaryTransport transport) : IEvidenceSource
{
    public TeeKind Tee => TeeKind.Simulated;

    public async Task<Untrusted<byte[]>> ReportAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation)
    {
        await using Stream stream = await transport.ConnectHostAsync(BoundaryPorts.HostCallTee, cancellation);
        return await TeeCall.AskAsync(stream, reportData, cancellation);
    }
}
#endif
