using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Bundles;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Shim.Tasks;

namespace Pavise.Host.Shim.Service;

/// <summary>How processes end.</summary>
internal sealed partial class TaskService
{
    // Output that a stuck reader does not take within this is lost.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private const uint Unknown = 255;

    /// <summary>Waits for a process in the guest; the exit is told once its output is with the host.</summary>
    private async Task WatchAsync(ContainerTask task, TaskProcess process)
    {
        ExitInfo exit;
        try
        {
            WaitProcessResponse response = await task.Pvm.Guest.WaitProcessAsync(new WaitProcessRequest { ContainerId = task.Id, ExecId = process.ExecId }, CancellationToken.None);
            exit = new ExitInfo(response.ExitStatus & 0xff, time.GetUtcNow());
        }
        catch (TtrpcException e) when (e.Status == TtrpcStatus.Unavailable)
        {
            await task.Pvm.Ended;
            exit = new ExitInfo(ExitInfo.Killed, time.GetUtcNow());
        }
        catch (Exception e)
        {
            // Whatever went wrong: an end that nobody tells is waited for for ever.
            log.Error($"how process {process.Id} of task {task.Id} ended is not known: {e.Message}");
            exit = new ExitInfo(Unknown, time.GetUtcNow());
        }

        await process.Streams!.DrainAsync(DrainTime, time);
        End(task, process, exit);
    }

    /// <summary>A sandbox ends with its pVM, after everything that was in it.</summary>
    private async Task WatchSandboxAsync(ContainerTask sandbox)
    {
        await sandbox.Pvm.Ended;
        TaskProcess[] others;
        lock (tasks)
        {
            others = [.. tasks.Values.OfType<ContainerTask>().Where(t => t != sandbox && t.Pvm == sandbox.Pvm).SelectMany(t => t.Execs.Append(t.Init)).Where(p => p.Started)];
        }

        await Task.WhenAll(others.Select(p => p.Exited)).WaitAsync(DrainTime, time).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await sandbox.Init.Streams!.DrainAsync(TimeSpan.Zero, time);
        End(sandbox, sandbox.Init, new ExitInfo(sandbox.AskedToEnd ?? ExitInfo.Killed, time.GetUtcNow()));
    }

    private void End(ContainerTask task, TaskProcess process, ExitInfo exit)
    {
        if (process.TryExit(exit))
        {
            events.Send(new TaskExit { ContainerId = task.Id, Id = process.Id, Pid = (uint)process.Pid, ExitStatus = exit.Status, ExitedAt = exit.At.ToTimestamp() });
        }
    }

    /// <summary>One long poll for each pVM: what the guest says of memory that ran out.</summary>
    private async Task WatchOomAsync(ContainerTask task)
    {
        if (task.Role == PodRole.Member)
        {
            return;
        }

        ulong after = 0;
        try
        {
            while (!task.Pvm.Ended.IsCompleted)
            {
                SubscribeEventsResponse news = await task.Pvm.Guest.SubscribeEventsAsync(new SubscribeEventsRequest { After = after, WaitMs = BoundaryLimits.EventWaitMs }, CancellationToken.None);
                foreach (Event what in news.Events)
                {
                    after = Math.Max(after, what.Sequence);
                    if (what.Kind == EventKind.Oom && Find(what.ContainerId) is not null)
                    {
                        events.Send(new TaskOOM { ContainerId = what.ContainerId });
                    }
                }
            }
        }
        catch (TtrpcException e)
        {
            log.Debug($"no more events of the guest: {e.Message}");
        }
    }
}
