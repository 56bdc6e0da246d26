using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Logging;
using Pavise.Host.Visor;

namespace Pavise.Host.Shim.Sandboxes;

/// <summary>A running pVM with one connection to its guest.</summary>
internal sealed class Pvm
{
    private readonly ShimLog log;
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? stopping;

    private Pvm(ISandbox sandbox, GuestClient guest, int pid, ShimLog log)
    {
        Sandbox = sandbox;
        Guest = guest;
        Pid = pid;
        this.log = log;
        _ = WatchAsync();
    }

    public ISandbox Sandbox { get; }

    public GuestClient Guest { get; }

    /// <summary>Pid of QEMU, or of the guest on the process machine: a live process of this node that stands for all of the pVM's.</summary>
    public int Pid { get; }

    /// <summary>Completes when the pVM has ended and nothing of it is left.</summary>
    public Task Ended => ended.Task;

    /// <summary>Connects to the guest of a sandbox that was launched.</summary>
    public static async Task<Pvm> ConnectAsync(ISandbox sandbox, ShimLog log, CancellationToken cancellation)
    {
        GuestClient guest = new(new TtrpcClient(await sandbox.ConnectGuestAsync(BoundaryPorts.Control, cancellation)));
        SandboxStatus status = await sandbox.StatusAsync(cancellation);
        return new Pvm(sandbox, guest, status.VmmPid, log);
    }

    /// <summary>Ends the pVM, orderly if it answers within the grace time; completes when nothing of it is left.</summary>
    public Task StopAsync(TimeSpan grace)
    {
        lock (gate)
        {
            return stopping ??= EndAsync(grace);
        }
    }

    /// <summary>Removes a container from the guest whatever state it is in; a guest that knows none, or is gone, is fine.</summary>
    public async Task ForgetAsync(string containerId)
    {
        try
        {
            await Guest.DeleteContainerAsync(new DeleteContainerRequest { ContainerId = containerId, Force = true }, CancellationToken.None);
        }
        catch (TtrpcException e)
        {
            log.Debug($"container {containerId} was not removed from its guest: {e.Message}");
        }
    }

    /// <summary>Ends a process's standard input, which nobody will feed; where the policy keeps it from the host there is nothing to end.</summary>
    public async Task CloseStdinAsync(string containerId, string execId)
    {
        try
        {
            await Guest.CloseStdinAsync(new CloseStdinRequest { ContainerId = containerId, ExecId = execId }, CancellationToken.None);
        }
        catch (TtrpcException e)
        {
            log.Debug($"standard input of {containerId} {execId} was not closed: {e.Message}");
        }
    }

    /// <summary>The guest's connection ends with the guest; a pVM that ended by itself is cleared away as one that was stopped.</summary>
    private async Task WatchAsync()
    {
        await Guest.Completion.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        SandboxStatus status = await Sandbox.StatusAsync(CancellationToken.None);
        bool asked;
        lock (gate)
        {
            asked = stopping is not null;
        }

        if (!asked)
        {
            log.Warn($"the pVM ended by itself: {status.Failure ?? "its guest closed the connection"}");
        }

        await StopAsync(TimeSpan.Zero);
    }

    private async Task EndAsync(TimeSpan grace)
    {
        await Task.Yield();
        try
        {
            await Sandbox.StopAsync(grace, CancellationToken.None);
            await Guest.DisposeAsync();
            await Sandbox.DisposeAsync();
        }
        catch (Exception e)
        {
            // Whatever went wrong: those who wait for the end must not wait for ever.
            log.Error($"the pVM could not be ended orderly: {e.Message}");
        }
        finally
        {
            ended.TrySetResult();
        }
    }
}
