using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.CommandLine;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Visor;

namespace Pavise.Host.Shim.Events;

/// <summary>Over the socket that <c>TTRPC_ADDRESS</c> names. The connection is kept; when containerd was restarted, a new one is made.</summary>
internal sealed class TtrpcForwarder(string address, TimeProvider time) : IEventForwarder
{
    private const string Service = "containerd.services.events.ttrpc.v1.Events";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly string path = address.StartsWith(AddressFile.Scheme, StringComparison.Ordinal) ? address[AddressFile.Scheme.Length..] : address;
    private TtrpcClient? client;

    public async Task ForwardAsync(Envelope envelope, CancellationToken cancellation)
    {
        try
        {
            client ??= new TtrpcClient(await SandboxFiles.ConnectAsync(Path.GetDirectoryName(path)!, Path.GetFileName(path), cancellation), time);
            await client.CallAsync(Service, "Forward", new ForwardRequest { Envelope = envelope }, Empty.Parser, Limit, cancellation);
        }
        catch (TtrpcException e) when (e.Status is TtrpcStatus.Unavailable or TtrpcStatus.DeadlineExceeded)
        {
            await CloseAsync();
            throw new IOException(e.Message, e);
        }
        catch (TtrpcException e)
        {
            throw new EventRefusedException(e.Message);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref client, null) is { } old)
        {
            await old.DisposeAsync();
        }
    }
}
