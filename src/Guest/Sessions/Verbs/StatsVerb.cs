using Pavise.Boundary.GuestApi;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>The container's resource use, exactly.</summary>
internal static class StatsVerb
{
    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        OwnerPlan plan = context.Decide<OwnerPlan>(new OwnerStats(context.Owner, context.ContainerId), context.ContainerId);
        ReadStatsResponse s = context.Containers.Stats(new StatsPlan(plan.ContainerId, StatsDisclosure.Exact));
        await context.AcceptAsync(cancellation);
        await context.Connection.WriteAsync(
            new ServerFrame
            {
                Stats = new Stats
                {
                    Available = s.Available,
                    CpuUsageUs = s.CpuUsageUs,
                    CpuUserUs = s.CpuUserUs,
                    CpuSystemUs = s.CpuSystemUs,
                    MemoryBytes = s.MemoryBytes,
                    MemoryLimitBytes = s.MemoryLimitBytes,
                    MemoryPeakBytes = s.MemoryPeakBytes,
                    OomKills = s.MemoryOomKills,
                    Pids = s.Pids,
                    PidsLimit = s.PidsLimit,
                },
            },
            cancellation);
        await context.DoneAsync(cancellation);
    }
}
