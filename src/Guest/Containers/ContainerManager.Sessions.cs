using Pavise.Boundary.GuestApi;
using Pavise.Guest.Processes;
using Pavise.Guest.Sessions;
using Pavise.Guest.Streams;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>Execs that carry owners' sessions, and what owners run in them.</summary>
internal sealed partial class ContainerManager
{
    private int ownerNumber;

    /// <summary>Makes an exec whose standard streams are an owner's session; no program runs.</summary>
    /// <param name="plan">The exec.</param>
    /// <param name="serve">Serves the session; returns its exit status.</param>
    /// <returns>A number of the container's own, counted.</returns>
    public Task<int> OpenSessionAsync(SessionPlan plan, Func<Stream, CancellationToken, Task<int>> serve) => InTurnAsync(Get(plan.ContainerId), container =>
    {
        SessionStreams streams = new(time);
        ManagedProcess exec = new(plan.ExecId, streams) { EndSession = streams.Cut };
        if (!container.TryAdd(exec))
        {
            streams.Dispose();
            throw Failures.Exists($"exec {plan.ExecId}");
        }

        (int number, string own) = container.NewExec();
        Directory.Delete(own);
        Events.Add(EventKind.ExecStarted, plan.ContainerId, plan.ExecId);
        _ = ServeAsync();
        return Task.FromResult(number);

        async Task ServeAsync()
        {
            int status = await streams.RunAsync(serve);
            End(container, exec, status);
        }
    });

    /// <summary>Starts a process of an owner. The host hears nothing of it: no event, no name that it could use.</summary>
    public Task<(ManagedProcess Process, ProcessStreams Streams)> StartOwnerExecAsync(OwnerExecPlan plan, byte[] configuration) => InTurnAsync(Get(plan.ContainerId), async container =>
    {
        if (container.Init.Child is null || container.Init.HasEnded)
        {
            throw Failures.NotRunning(plan.ContainerId);
        }

        // No id of the host's has a colon.
        ProcessStreams streams = new(plan.Process.Stdio, time);
        ManagedProcess exec = new($"owner:{Interlocked.Increment(ref ownerNumber)}", streams);
        await ExecAsync(container, exec, streams, plan.Process.Columns, plan.Process.Rows, configuration);
        _ = WatchAsync();
        return (exec, streams);

        async Task WatchAsync()
        {
            int status = await exec.Child!.Ended;
            exec.Streams.CloseStdin();
            exec.Complete(new ExitInfo(status, UnixTime.Ns(time)));
        }
    });

    /// <summary>Sends a signal to a process of an owner; it may have ended.</summary>
    public void SignalOwnerExec(ManagedProcess exec, int signal) => reaper.Signal(exec.Child!, signal);

    /// <summary>Ends a process of an owner, if it has not ended, and forgets it.</summary>
    public async Task RemoveOwnerExecAsync(string id, ManagedProcess exec)
    {
        if (!exec.HasEnded)
        {
            reaper.Signal(exec.Child!, Kill);
        }

        await exec.Ended;
        if (containers.TryGetValue(id, out Container? container))
        {
            container.Remove(exec);
        }
    }

    /// <summary>The number of a container's first process in the guest; null when it does not run.</summary>
    public int? PidOf(string id) => Get(id).Init is { Child: { } child, HasEnded: false } ? child.Pid : null;
}
