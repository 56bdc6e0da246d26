using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls;
using Pavise.Boundary.Relay;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Shield;
using Pavise.Policy;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Network;

/// <summary>
/// Connections that come to a port of the policy. The host listens as long as an application does, so that a probe sees what it would see without a pVM;
/// each connection that it hands over becomes one to the application, from the peer's address as the host tells it.
/// </summary>
internal sealed class Ingress(NetworkEntry network, PolicyShield shield, HostNetwork host, RelayLoop loop, PodAddresses own, SemaphoreSlim free, TimeProvider time)
{
    private const int PendingOverAll = 256;

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(30);

    /// <summary>Watches the ports from now on.</summary>
    public void Start() => _ = WatchAsync();

    private async Task WatchAsync()
    {
        Dictionary<int, CancellationTokenSource> open = [];
        while (true)
        {
            HashSet<int> listening = ListeningPorts.Read();
            foreach (IngressEntry entry in network.Ingress)
            {
                bool wanted = listening.Contains(entry.Port), there = open.TryGetValue(entry.Port, out CancellationTokenSource? end);
                if (there && (end!.IsCancellationRequested || !wanted))
                {
                    await end.CancelAsync();
                    open.Remove(entry.Port);
                }
                else if (wanted && !there && await ListenAsync(entry) is { } begun)
                {
                    open.Add(entry.Port, begun);
                }
            }

            await Task.Delay(open.Count == network.Ingress.Length ? Later : Soon, time);
        }
    }

    /// <summary>Opens a port at the host.</summary>
    /// <returns>Ends it; null where it could not be opened, to be tried again.</returns>
    private async Task<CancellationTokenSource?> ListenAsync(IngressEntry entry)
    {
        try
        {
            PortPlan plan = shield.Decide<PortPlan>(new NetListen(entry.Port), "");
            if ((await host.ListenAsync(plan.Entry.Port, CancellationToken.None)).Lease is not { } lease)
            {
                await Task.Delay(Later, time);
                return null;
            }

            CancellationTokenSource end = new();
            _ = HoldAsync(lease, end);
            int pending = Math.Clamp(PendingOverAll / network.Ingress.Length, 1, BoundaryLimits.NetPendingAccepts);
            for (int i = 0; i < pending; i++)
            {
                _ = AcceptAsync(entry, end);
            }

            return end;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException or TtrpcException)
        {
            await Task.Delay(Later, time);
            return null;
        }
    }

    /// <summary>The port is open until this ends.</summary>
    private static async Task HoldAsync(LoopStream lease, CancellationTokenSource end)
    {
        try
        {
            await using (lease)
            {
                await lease.ReadableAsync(end.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Ended by us, or by the host.
        }

        await end.CancelAsync();
    }

    private async Task AcceptAsync(IngressEntry entry, CancellationTokenSource end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await free.WaitAsync(end.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            bool handed = false;
            try
            {
                (LoopStream stream, Untrusted<NetAnswer> answer) = await host.AcceptAsync(entry.Port, end.Token);
                handed = true;
                _ = ServeAsync(entry, stream, answer);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or SocketException or OperationCanceledException)
            {
                // The host does not hand connections over: the port is opened anew.
                await end.CancelAsync();
            }
            finally
            {
                if (!handed)
                {
                    free.Release();
                }
            }
        }
    }

    private async Task ServeAsync(IngressEntry entry, LoopStream stream, Untrusted<NetAnswer> answer)
    {
        await using (stream)
        {
            try
            {
                PortPlan plan = shield.Decide<PortPlan>(new NetAccept(entry.Port), "");
                if (answer.Validate(a => PeerAddress.Validate(a, own)) is not { } peer)
                {
                    // An answer without a connection: not at once again.
                    await Task.Delay(Soon, time);
                    return;
                }

                using CancellationTokenSource late = new(ConnectTime, time);
                Socket application = await PodSocket.ConnectAsync(loop, peer, plan.Entry.Port, late.Token);
                await loop.RunAsync(PodSocket.ForRelay(application), stream.Give(isTcp: false));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or TtrpcException or ObjectDisposedException)
            {
                // The application does not take it: the peer sees the end of its connection.
            }
            finally
            {
                free.Release();
            }
        }
    }
}
