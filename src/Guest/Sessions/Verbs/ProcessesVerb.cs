using Pavise.Boundary.GuestApi;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>The container's processes.</summary>
internal static class ProcessesVerb
{
    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        OwnerPlan plan = context.Decide<OwnerPlan>(new OwnerProcesses(context.Owner, context.ContainerId), context.ContainerId);
        ProcessList list = new();
        ListProcessesResponse known = context.Containers.Processes(new ProcessListPlan(plan.ContainerId, ProcessDisclosure.Names));
        list.Processes.AddRange(known.Processes.Select(p => new Process { Pid = p.Pid, Ppid = p.Ppid, Uid = p.Uid, Command = p.Command }));
        await context.AcceptAsync(cancellation);
        await context.Connection.WriteAsync(new ServerFrame { Processes = list }, cancellation);
        await context.DoneAsync(cancellation);
    }
}
