using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Interop;
using Pavise.Guest.Processes;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>What is done to a container while it exists.</summary>
internal sealed partial class ContainerManager
{
    private const int Kill = 9, Terminate = 15;

    /// <summary>Sends a signal to one process, or to all of the container's.</summary>
    public void Signal(SignalPlan plan)
    {
        Container container = Get(plan.ContainerId);
        ManagedProcess process = GetProcess(plan.ContainerId, plan.ExecId);
        if (process.HasEnded)
        {
            throw Failures.Ended(plan.ContainerId);
        }

        if (process.EndSession is { } endSession)
        {
            endSession();
        }
        else if (process.Child is not { } child)
        {
            EndUnstarted(container, plan.Signal);
        }
        else if (plan.All && plan.ExecId.Length == 0)
        {
            SignalAll(container, child, plan.Signal);
        }
        else if (!reaper.Signal(child, plan.Signal))
        {
            throw Failures.Ended(plan.ContainerId);
        }
    }

    /// <summary>Freezes or thaws.</summary>
    public Task<bool> FreezeAsync(string id, bool frozen, CancellationToken cancellation) => InTurnAsync(Get(id), async container =>
    {
        if (container.Init.Child is null || container.Init.HasEnded)
        {
            throw Failures.NotRunning(id);
        }

        if (!await cgroups.FreezeAsync(container.Name, frozen, cancellation))
        {
            throw Failures.Internal($"container {id} could not be {(frozen ? "frozen" : "thawed")} in time");
        }

        Events.Add(frozen ? EventKind.Paused : EventKind.Resumed, id);
        return true;
    });

    /// <summary>Changes limits of a running container.</summary>
    public Task<bool> UpdateAsync(ResourcesUpdatePlan plan) => InTurnAsync(Get(plan.ContainerId), container =>
    {
        if (!cgroups.HasControllers)
        {
            throw new TtrpcException(TtrpcStatus.Unimplemented, "this machine has no cgroup controllers, so there are no limits to change");
        }

        if (container.Init.Child is null || container.Init.HasEnded)
        {
            throw Failures.NotRunning(plan.ContainerId);
        }

        try
        {
            cgroups.Update(container.Name, plan.Resources);
        }
        catch (IOException e)
        {
            throw Failures.Internal($"the limits could not be changed: {e.Message}");
        }

        return Task.FromResult(true);
    });

    /// <summary>Resource use; absent where there are no controllers.</summary>
    public ReadStatsResponse Stats(StatsPlan plan)
    {
        Container container = Get(plan.ContainerId);
        ReportOomKills(container);
        return cgroups.HasControllers && container.Init is { Child: not null, HasEnded: false }
            ? CgroupStats.Read(file => cgroups.Read(container.Name, file), plan.Disclosure)
            : new ReadStatsResponse();
    }

    /// <summary>The container's processes.</summary>
    public ListProcessesResponse Processes(ProcessListPlan plan)
    {
        List<int> pids = cgroups.Processes(Get(plan.ContainerId).Name);
        ListProcessesResponse response = new() { Count = (uint)pids.Count };
        if (plan.Disclosure == ProcessDisclosure.Names)
        {
            response.Processes.AddRange(ProcessTable.Describe(pids));
        }

        return response;
    }

    /// <summary>A container that was never started has no process to send a signal to; the ones that end a process end it, the others do nothing.</summary>
    private void EndUnstarted(Container container, int signal)
    {
        if (signal is Kill or Terminate)
        {
            container.InitStreams.Abandon();
            End(container, container.Init, 128 + signal);
        }
    }

    private void SignalAll(Container container, TrackedChild first, int signal)
    {
        if (signal == Kill)
        {
            cgroups.Kill(container.Name);
            reaper.Signal(first, signal);
            return;
        }

        // Held by descriptor, and looked for once more: a number whose process ended meanwhile may by now be a stranger's.
        List<HeldProcess> held = [.. cgroups.Processes(container.Name).Where(p => p != first.Pid).Select(HeldProcess.TryOpen).OfType<HeldProcess>()];
        HashSet<int> still = [.. cgroups.Processes(container.Name)];
        foreach (HeldProcess process in held)
        {
            using (process)
            {
                if (still.Contains(process.Pid))
                {
                    process.Signal(signal);
                }
            }
        }

        reaper.Signal(first, signal);
    }
}
