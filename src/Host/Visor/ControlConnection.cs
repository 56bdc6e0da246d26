using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Vmm;

namespace Pavise.Host.Visor;

/// <summary>The visor's own connection to the guest API: waits until the guest answers, binds the policy, asks for the end.</summary>
internal sealed class ControlConnection(IPvm pvm, TimeProvider time) : IAsyncDisposable
{
    // A guest that boots in software is not slowed noticeably by a refused connection in each of these.
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(2);

    // How long a guest that does not accept the policy may take to power off.
    private static readonly TimeSpan LastBreath = TimeSpan.FromSeconds(5);

    private const int Kill9 = 9;

    private GuestClient? _client;

    private GuestClient Client => _client ?? throw new TtrpcException(TtrpcStatus.FailedPrecondition, "the policy is not bound yet");

    /// <summary>Binds the policy as soon as the guest answers.</summary>
    /// <exception cref="GuestGoneException">The guest ended or refused.</exception>
    public async Task<BindResponse> BindAsync(ReadOnlyMemory<byte> policy, bool unshielded, CancellationToken cancellation)
    {
        BindRequest request = new() { ApiVersion = 1, Policy = UnsafeByteOperations.UnsafeWrap(policy), Unshielded = unshielded };
        while (true)
        {
            GuestClient client = new(new TtrpcClient(await ConnectAsync(cancellation)));
            try
            {
                BindResponse response = await client.BindAsync(request, cancellation);
                _client = client;
                return response;
            }
            catch (TtrpcException e) when (e.Status == TtrpcStatus.Unavailable)
            {
                await client.DisposeAsync();
                await pvm.Ended.WaitAsync(LastBreath, time, cancellation).ContinueWith(_ => { }, CancellationToken.None);
                cancellation.ThrowIfCancellationRequested();
                if (pvm.Ended.IsCompleted)
                {
                    throw new GuestGoneException($"the guest did not accept the policy: {await pvm.Ended}. A policy must be canonical JSON, and its digest the one that the launch bound");
                }
            }
            catch (TtrpcException e)
            {
                await client.DisposeAsync();
                throw new GuestGoneException($"the guest did not accept the policy: {e.Message}");
            }
        }
    }

    /// <summary>Waits for the end of a process.</summary>
    public Task WaitAsync(string containerId, string execId, CancellationToken cancellation) =>
        Client.WaitProcessAsync(new WaitProcessRequest { ContainerId = containerId, ExecId = execId }, cancellation);

    /// <summary>Kills a process.</summary>
    /// <exception cref="TtrpcException">It is gone, or the policy does not let the host.</exception>
    public Task KillAsync(string containerId, string execId) =>
        Client.SignalProcessAsync(new SignalProcessRequest { ContainerId = containerId, ExecId = execId, Signal = Kill9, All = execId.Length == 0 }, CancellationToken.None);

    /// <summary>Asks the guest to power off; returns when it has agreed, or cannot be asked.</summary>
    public async Task ShutdownAsync(TimeSpan grace, CancellationToken cancellation)
    {
        if (_client is not null)
        {
            try
            {
                await _client.ShutdownAsync(new ShutdownRequest { GraceMs = (uint)grace.TotalMilliseconds }, cancellation);
            }
            catch (Exception e) when (e is TtrpcException or OperationCanceledException)
            {
                // The connection may end before the answer; what counts is whether the pVM ends.
            }
        }
    }

    public ValueTask DisposeAsync() => _client?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (pvm.Ended.IsCompleted)
            {
                throw new GuestGoneException($"the pVM ended before the guest answered: {await pvm.Ended}");
            }

            try
            {
                return await pvm.ConnectAsync(BoundaryPorts.Control, cancellation);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                await Task.Delay(Again, time, cancellation);
            }
        }
    }
}
