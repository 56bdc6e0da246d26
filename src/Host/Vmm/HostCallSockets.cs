using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Host.Visor;

namespace Pavise.Host.Vmm;

/// <summary>The host-call ports of the process machine: <c>host-PORT.sock</c> in the sandbox directory.</summary>
internal sealed class HostCallSockets : IDisposable
{
    private readonly List<Socket> _listeners = [];
    private readonly CancellationTokenSource _end = new();

    public HostCallSockets(string directory, IReadOnlyDictionary<uint, Func<Stream, CancellationToken, Task>> hostCalls)
    {
        foreach ((uint port, Func<Stream, CancellationToken, Task> handler) in hostCalls)
        {
            Socket listener = SandboxFiles.Listen(directory, BoundaryPorts.HostSocketName(port));
            _listeners.Add(listener);
            _ = AcceptAsync(listener, handler);
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listeners.ForEach(l => l.Dispose());
    }

    private async Task AcceptAsync(Socket listener, Func<Stream, CancellationToken, Task> handler)
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await listener.AcceptAsync(_end.Token), handler);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket, Func<Stream, CancellationToken, Task> handler)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            await handler(stream, _end.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException)
        {
            // A guest that breaks its host call has no answer.
        }
    }
}
