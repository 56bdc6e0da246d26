using System.Collections.Immutable;
using Pavise.Boundary.GuestApi;
using Pavise.Guest.Containers;
using Pavise.Guest.Containers.Configuration;
using Pavise.Guest.Processes;
using Pavise.Guest.Secrets;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>Processes of a container: running further ones, signals, waiting.</summary>
internal sealed partial class GuestService
{
    public async Task<ExecProcessResponse> ExecProcess(ExecProcessRequest request, CancellationToken cancellation)
    {
        byte[] process = request.Process.ToByteArray();
        if (unshielded)
        {
            return await ExecAsHostSaysAsync(request.ContainerId, request.ExecId, process);
        }

        OciProcess asked = Parsed(() => OciProcess.Parse(process));
        if (asked is { Terminal: false, Args: [SessionProgram] })
        {
            return await OpenSessionAsync(request.ContainerId, request.ExecId, cancellation);
        }

        ReleasedSecrets released = await ReleasedAsync(request.ContainerId, cancellation);
        return await Shielded.RunAsync(
            new Requests.ExecProcess(request.ContainerId, request.ExecId, asked),
            $"{request.ContainerId}/{request.ExecId}",
            (ExecPlan plan) => ExecAsync(plan.ContainerId, plan.ExecId, plan.Process.Stdio, plan.Process.Columns, plan.Process.Rows, CrunConfig.ComposeExec(plan.Process with { Env = released.Environment(Opened(plan), plan.Secrets) })),
            cancellation);
    }

    public Task<Empty> SignalProcess(SignalProcessRequest request, CancellationToken cancellation)
    {
        containers.Signal(Decide(
            new Requests.SignalProcess(request.ContainerId, request.ExecId, (int)request.Signal, request.All),
            Subject(request.ContainerId, request.ExecId),
            () => new SignalPlan(request.ContainerId, request.ExecId, (int)request.Signal, request.All)));
        return Task.FromResult(new Empty());
    }

    public async Task<WaitProcessResponse> WaitProcess(WaitProcessRequest request, CancellationToken cancellation)
    {
        WaitPlan plan = Decide(
            new Requests.WaitProcess(request.ContainerId, request.ExecId),
            Subject(request.ContainerId, request.ExecId),
            () => new WaitPlan(request.ContainerId, request.ExecId, ExitDisclosure.Exact));
        ExitInfo exit = await containers.GetProcess(plan.ContainerId, plan.ExecId).Ended.WaitAsync(cancellation);
        return new WaitProcessResponse { ExitStatus = (uint)Disclosed(exit.Status, plan.Disclosure), ExitedAtUnixNs = exit.UnixNs };
    }

    public Task<ListProcessesResponse> ListProcesses(ListProcessesRequest request, CancellationToken cancellation) => Task.FromResult(containers.Processes(Decide(
        new Requests.ListProcesses(request.ContainerId),
        request.ContainerId,
        () => new ProcessListPlan(request.ContainerId, ProcessDisclosure.Names))));

    public async Task<SubscribeEventsResponse> SubscribeEvents(SubscribeEventsRequest request, CancellationToken cancellation)
    {
        Decide<Plan>(new Requests.SubscribeEvents(), "", () => new SimplePlan(DecisionPoint.SubscribeEvents));
        SubscribeEventsResponse response = new();
        response.Events.AddRange(await containers.Events.WaitAsync(request.After, TimeSpan.FromMilliseconds(request.WaitMs), cancellation));
        return response;
    }

    private ImmutableArray<string> Opened(ExecPlan plan) => SealedValues.Replace(plan.Process.Env, plan.SealedVariables, containers.Get(plan.ContainerId).Blueprint.OpenVariables);

    /// <summary>Whether the host hears of an event: that memory ran out is a statistic.</summary>
    internal static bool Tells(EventKind kind, StatsDisclosure stats) => kind != EventKind.Oom || stats != StatsDisclosure.None;

    /// <summary>What the policy lets the host know of an end, without an entry in the audit: nothing was asked.</summary>
    private ExitDisclosure Disclosure(string containerId, string execId) => unshielded
        ? ExitDisclosure.Exact
        : PolicyEngine.Decide(Shielded.Policy, Shielded.State, new Requests.WaitProcess(containerId, execId)).Plan is WaitPlan plan ? plan.Disclosure : ExitDisclosure.Hidden;

    private static int Disclosed(int status, ExitDisclosure disclosure) => disclosure switch
    {
        ExitDisclosure.Exact => status,
        ExitDisclosure.Success => status == 0 ? 0 : 1,
        _ => 0,
    };

    private async Task<ExecProcessResponse> ExecAsync(string id, string execId, StdioPlan stdio, uint columns, uint rows, byte[] configuration) => new()
    {
        Pid = (uint)await containers.ExecAsync(id, execId, stdio, columns, rows, configuration),
        Stdio = Described(stdio),
    };

#if PAVISE_DEVELOPMENT
    private Task<ExecProcessResponse> ExecAsHostSaysAsync(string id, string execId, byte[] process)
    {
        (StdioPlan stdio, uint columns, uint rows, byte[] configuration) = UnshieldedConfig.Exec(process);
        return ExecAsync(id, execId, stdio, columns, rows, configuration);
    }
#else
    private static Task<ExecProcessResponse> ExecAsHostSaysAsync(string id, string execId, byte[] process) =>
        throw Failures.Internal($"exec {execId} in {id}: {process.Length} bytes that no shield has seen");
#endif

    private static string Subject(string id, string execId) => execId.Length == 0 ? id : $"{id}/{execId}";
}
