using System.Net;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls;
using Pavise.Boundary.Relay;
using Pavise.Guest.Transport;

namespace Pavise.Guest.Network;

/// <summary>The network host calls as the guest makes them: bounded in time, and nothing of an answer gets further than its validator lets it.</summary>
internal sealed class HostNetwork(IBoundaryTransport transport, RelayLoop loop, TimeProvider time)
{
    /// <summary>For what the host can answer by itself.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(20);

    /// <summary>For a connection to somewhere: longer than any kernel tries.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(150);

    /// <summary>The addresses of the pod, as told.</summary>
    public async Task<Untrusted<NetAnswer>> AddressesAsync(CancellationToken cancellation) => await AskOnceAsync(NetRequest.Addresses(), cancellation);

    /// <summary>The addresses of a name, as told.</summary>
    public async Task<Untrusted<NetAnswer>> ResolveAsync(string name, byte family, CancellationToken cancellation) => await AskOnceAsync(NetRequest.Resolve(name, family), cancellation);

    /// <summary>A stream to an address, or the errno that the application is to see.</summary>
    public async Task<(LoopStream? Stream, int Errno)> ConnectAsync(IPAddress address, int port, CancellationToken cancellation)
    {
        (LoopStream stream, Untrusted<NetAnswer> answer) = await AskAsync(NetRequest.Connect(address, (ushort)port), Long, cancellation);
        int errno = answer.Validate(a => NetErrno.Allowed(NetOperation.Connect, a.Errno));
        if (errno == 0)
        {
            return (stream, 0);
        }

        await stream.DisposeAsync();
        return (null, errno);
    }

    /// <summary>Opens a port; it is open until the stream ends.</summary>
    public async Task<(LoopStream? Lease, int Errno)> ListenAsync(int port, CancellationToken cancellation)
    {
        (LoopStream stream, Untrusted<NetAnswer> answer) = await AskAsync(NetRequest.Listen((ushort)port), Short, cancellation);
        int errno = answer.Validate(a => NetErrno.Allowed(NetOperation.Listen, a.Errno));
        if (errno == 0)
        {
            return (stream, 0);
        }

        await stream.DisposeAsync();
        return (null, errno);
    }

    /// <summary>Waits for a connection to an open port, however long.</summary>
    public async Task<(LoopStream Stream, Untrusted<NetAnswer> Answer)> AcceptAsync(int port, CancellationToken cancellation) =>
        await AskAsync(NetRequest.Accept((ushort)port), Timeout.InfiniteTimeSpan, cancellation);

    private async Task<Untrusted<NetAnswer>> AskOnceAsync(NetRequest request, CancellationToken cancellation)
    {
        (LoopStream stream, Untrusted<NetAnswer> answer) = await AskAsync(request, Short, cancellation);
        await stream.DisposeAsync();
        return answer;
    }

    private async Task<(LoopStream Stream, Untrusted<NetAnswer> Answer)> AskAsync(NetRequest request, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource timeout = new(limit, time);
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        (IDisposable owner, int descriptor) = await transport.ConnectHostPlainAsync(BoundaryPorts.HostCallNet, late.Token);
        LoopStream stream = new(loop, owner, descriptor);
        try
        {
            return (stream, await NetAnswer.AskAsync(stream, request, late.Token));
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            throw e is OperationCanceledException && !cancellation.IsCancellationRequested ? new IOException($"{request.Operation}: the host does not answer", e) : e;
        }
    }
}
