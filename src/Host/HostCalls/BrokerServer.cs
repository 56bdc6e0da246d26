using System.Net.Sockets;
using Pavise.Host.Visor;

namespace Pavise.Host.HostCalls;

/// <summary>
/// The host call <c>broker.connect</c>: a connection of the guest becomes one to the key broker that the policy names, and to nothing else. TLS ends in
/// the guest; here bytes pass.
/// </summary>
internal sealed class BrokerServer(KeyBrokerAddress? broker, VisorLog log)
{
    // A guest needs one; a few more while an old one still closes.
    private const int Connections = 8;
    private const int BufferBytes = 32 * 1024;

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _free = new(Connections);

    /// <summary>Serves one connection to its end.</summary>
    public async Task ServeAsync(Stream connection, CancellationToken cancellation)
    {
        await using Stream guest = connection;
        if (broker is null || !await _free.WaitAsync(TimeSpan.Zero, cancellation))
        {
            log.Write(broker is null ? "broker.connect: the policy names no key broker" : $"broker.connect: {Connections} connections are open already");
            return;
        }

        try
        {
            using TcpClient client = new();
            await ConnectAsync(client, broker, cancellation);
            client.NoDelay = true;
            await using NetworkStream outside = client.GetStream();
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(CopyAsync(guest, outside, end.Token), CopyAsync(outside, guest, end.Token));
            await end.CancelAsync();
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            log.Write($"broker.connect: {broker.Host}:{broker.Port}: {(e is OperationCanceledException ? "no answer" : e.Message)}");
        }
        finally
        {
            _free.Release();
        }
    }

    private static async Task ConnectAsync(TcpClient client, KeyBrokerAddress broker, CancellationToken cancellation)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(ConnectTime);
        await client.ConnectAsync(broker.Host, broker.Port, late.Token);
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellation)
    {
        try
        {
            await from.CopyToAsync(to, BufferBytes, cancellation);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The other end closed.
        }
    }
}
