using Pavise.Boundary.HostCalls;

namespace Pavise.Host.HostCalls;

/// <summary>Answers the host call <c>tee.report</c>: one report per connection.</summary>
internal sealed class TeeServer(Task<SimulatedProcessor> processor)
{
    public async Task ServeAsync(Stream connection, CancellationToken cancellation)
    {
        await using Stream stream = connection;
        byte[] reportData = await TeeCall.ReadReportDataAsync(stream, cancellation);
        await TeeCall.WriteReportAsync(stream, (await processor).Report(reportData), cancellation);
    }
}
