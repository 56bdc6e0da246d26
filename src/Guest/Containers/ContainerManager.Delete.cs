using Pavise.Boundary.GuestApi;
using Pavise.Guest.Processes;

namespace Pavise.Guest.Containers;

/// <summary>Ending and removing, without a trace.</summary>
internal sealed partial class ContainerManager
{
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(10);

    /// <summary>Removes an ended exec.</summary>
    /// <returns>How it ended.</returns>
    public Task<ExitInfo> DeleteExecAsync(string id, string execId, bool force) => InTurnAsync(Get(id), async container =>
    {
        ManagedProcess exec = container.Find(execId) ?? throw Failures.NoProcess(id, execId);
        if (!exec.HasEnded)
        {
            if (!force)
            {
                throw Failures.Precondition($"exec {execId} still runs");
            }

            Kill9(exec);
        }

        ExitInfo info = await exec.Ended.WaitAsync(KillTime, time);
        container.Remove(exec);
        return info;
    });

    /// <summary>Removes an ended container; with <paramref name="force"/> ends it first.</summary>
    /// <returns>How its first process ended.</returns>
    public Task<ExitInfo> DeleteAsync(string id, bool force) => InTurnAsync(Get(id), async container =>
    {
        if (container.Init is { Child: not null, HasEnded: false })
        {
            if (!force)
            {
                throw Failures.Precondition($"container {id} still runs");
            }

            cgroups.Kill(container.Name);
            reaper.Signal(container.Init.Child, Kill);
            await container.Init.Ended.WaitAsync(KillTime, time);
        }

        if (!container.Init.HasEnded)
        {
            // Never started: whoever waits learns that nothing will come.
            container.Init.Complete(new ExitInfo(KilledStatus, UnixTime.Ns(time)));
        }

        // The end of a container's first process ends all others: the kernel sees to it.
        foreach (ManagedProcess exec in container.Execs)
        {
            exec.EndSession?.Invoke();
            await exec.Ended.WaitAsync(KillTime, time);
            container.Remove(exec);
        }

        await RemoveAsync(container);
        return container.Init.Ended.Result;
    });

    /// <summary>Ends every container: TERM, after the grace time KILL. Then closes the encrypted volumes.</summary>
    /// <returns>What did not close.</returns>
    public async Task<IReadOnlyList<string>> StopAllAsync(TimeSpan grace)
    {
        Container[] all = [.. containers.Values];
        Task[] ends = [.. all.Where(c => c.Init.Child is not null).Select(c => c.Init.Ended)];
        foreach (Container container in all)
        {
            if (container.Init is { Child: { } child, HasEnded: false })
            {
                reaper.Signal(child, Terminate);
            }
        }

        try
        {
            await Task.WhenAll(ends).WaitAsync(grace, time);
        }
        catch (TimeoutException)
        {
            // The rest is killed below.
        }

        await Task.WhenAll(all.Select(c => DeleteAsync(c.Id, force: true)));
        IReadOnlyList<string> left = await encrypted.CloseAsync();
        volumes.Dispose();
        cgroups.RemoveParent();
        return left;
    }

    private void Kill9(ManagedProcess exec)
    {
        if (exec.EndSession is { } end)
        {
            end();
        }
        else
        {
            reaper.Signal(exec.Child!, Kill);
        }
    }

    private async Task RemoveAsync(Container container)
    {
        container.IsDeleted = true;
        container.Init.Streams.Dispose();
        crun.Forget(container.Name);
        await cgroups.RemoveAsync(container.Name);
        container.Root.Dispose();
        Directory.Delete(container.Folder, recursive: true);
        containers.TryRemove(container.Id, out _);
        Events.Add(EventKind.Deleted, container.Id);
    }
}
