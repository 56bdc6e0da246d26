using System.Net.Sockets;
using System.Security.Cryptography;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>Answers tee.report as the visor does: a version 2 report that binds the given policy (empty: zeros).</summary>
internal sealed class SimulatedProcessor : IDisposable
{
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public SimulatedProcessor(string directory, byte[] policy)
    {
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, BoundaryPorts.HostSocketName(BoundaryPorts.HostCallTee))));
        listener.Listen(128);
        _ = ServeAsync(policy.Length == 0 ? new byte[32] : SHA256.HashData(policy));
    }

    public void Dispose() => listener.Dispose();

    private async Task ServeAsync(byte[] hostData)
    {
        try
        {
            while (true)
            {
                await using NetworkStream stream = new(await listener.AcceptAsync(), ownsSocket: true);
                byte[] report = new byte[1184];
                report[0] = 2;
                report[0x34] = 1;
                (await TeeCall.ReadReportDataAsync(stream, default)).CopyTo(report, 0x50);
                hostData.CopyTo(report, 0xC0);
                await TeeCall.WriteReportAsync(stream, report, default);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
        }
    }
}
