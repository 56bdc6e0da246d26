using System.Net.Sockets;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Host.Shim.Service;

/// <summary>containerd's connections: one for each task, made again after containerd's restart.</summary>
/// <param name="server">What answers.</param>
/// <param name="ending">Ends them all.</param>
internal sealed class Connections(TtrpcServer server, CancellationToken ending)
{
    private readonly HashSet<Task> open = [];

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (open)
            {
                return open.Count(t => !t.IsCompleted);
            }
        }
    }

    /// <summary>Accepts until the listener is disposed.</summary>
    public async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(ending);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.ConnectionReset)
            {
                await Task.Yield();
                continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            Task serving = ServeAsync(socket);
            lock (open)
            {
                open.RemoveWhere(t => t.IsCompleted);
                open.Add(serving);
            }
        }
    }

    /// <summary>Waits a little for the peers to close.</summary>
    public async Task EndAsync(TimeSpan limit, TimeProvider time)
    {
        Task[] all;
        lock (open)
        {
            all = [.. open];
        }

        await Task.WhenAll(all).WaitAsync(limit, time).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            await server.ServeAsync(stream, ending);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or TtrpcException or InvalidDataException or ObjectDisposedException)
        {
            // A client that breaks its connection hurts nobody else.
        }
    }
}
