using System.Net;
using System.Net.Sockets;
using Pavise.Boundary.Relay;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Network.Kernel;
using Pavise.Guest.Shield;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Network;

/// <summary>
/// Connections that applications make: the packet rules lead those here that may be permitted, the shield decides about each, and the host is asked for it.
/// What the host cannot do, or the shield does not permit, is a reset.
/// </summary>
internal sealed class Egress(PolicyShield shield, HostNetwork host, RelayLoop loop, NameTable names, SemaphoreSlim free)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Binds, and serves from then on.</summary>
    public void Start()
    {
        foreach (AddressFamily family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            if (family == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6)
            {
                continue;
            }

            Socket listener = PodSocket.Listen(family, PacketRules.RedirectPort);
            new Thread(() => Accept(listener), maxStackSize: 256 * 1024) { IsBackground = true, Name = "egress" }.Start();
        }
    }

    private void Accept(Socket listener)
    {
        while (true)
        {
            try
            {
                Socket socket = listener.Accept();
                _ = Task.Run(() => ServeAsync(socket));
            }
            catch (SocketException)
            {
                // Descriptors are short: those in use will end.
                Thread.Sleep(Pause);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        if (!free.Wait(TimeSpan.Zero))
        {
            PodSocket.Reset(socket);
            return;
        }

        try
        {
            if (PodSocket.OriginalDestination(socket) is { } destination && await ConnectAsync(destination) is { } stream)
            {
                PodSocket.Prepare(socket);
                await loop.RunAsync(PodSocket.ForRelay(socket), stream.Give(isTcp: false));
                return;
            }

            PodSocket.Reset(socket);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            PodSocket.Reset(socket);
        }
        finally
        {
            free.Release();
        }
    }

    private async Task<LoopStream?> ConnectAsync(IPEndPoint destination)
    {
        ConnectPlan plan;
        try
        {
            plan = shield.Decide<ConnectPlan>(new NetConnect(destination.Address.ToString(), destination.Port) { Names = names.NamesOf(destination.Address) }, "");
        }
        catch (TtrpcException)
        {
            return null;
        }

        return (await host.ConnectAsync(plan.Address, plan.Port, CancellationToken.None)).Stream;
    }
}
