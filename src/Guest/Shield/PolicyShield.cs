using Pavise.Boundary.Ttrpc;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Request = Pavise.Policy.Requests.Request;
using Pavise.Policy.State;

namespace Pavise.Guest.Shield;

/// <summary>
/// Decides each request and has its plan carried out. Requests that change the state are decided and carried out one after the other, so
/// that what was decided still holds when it is done; the state is replaced only after success.
/// </summary>
internal sealed class PolicyShield(PolicyDocument policy, AuditLog audit)
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly Lock stateGate = new();
    private PolicyState state = PolicyState.Empty;

    /// <summary>The bound policy.</summary>
    public PolicyDocument Policy => policy;

    /// <summary>Decisions so far.</summary>
    public AuditLog Audit => audit;

    /// <summary>The state now.</summary>
    public PolicyState State
    {
        get
        {
            lock (stateGate)
            {
                return state;
            }
        }
    }

    /// <summary>Decides a request that leaves the state as it is: signals, streams, waiting, reading.</summary>
    /// <returns>The plan.</returns>
    /// <exception cref="TtrpcException">Refused, in the words that the policy lets the host hear.</exception>
    public TPlan Decide<TPlan>(Request request, string subject) where TPlan : Plan
    {
        Decision decision = PolicyEngine.Decide(policy, State, request);
        if (decision.Refusal is { } refusal)
        {
            throw Refused(refusal, subject);
        }

        audit.Add(request.Point, isPermitted: true, subject, "", string.Join("; ", decision.Notes.Select(n => $"{n.Field} dropped by {n.Rule}")));
        return (TPlan)decision.Plan!;
    }

    /// <summary>Decides what an owner asks for in a session. The owner hears all of a refusal, so nothing is kept back.</summary>
    public (Decision Decision, AuditEntry Entry) DecideForOwner(Request request, string subject)
    {
        string owner = request is Pavise.Policy.Requests.OwnerRequest asked ? asked.Owner : "";
        Decision decision = PolicyEngine.Decide(policy, State, request);
        return (decision, decision.Refusal is { } no
            ? audit.Add(request.Point, isPermitted: false, $"{owner}: {subject}", no.Rule, no.Reason, no.Hint)
            : audit.Add(request.Point, isPermitted: true, $"{owner}: {subject}", "", ""));
    }

    /// <summary>Decides a request that changes the state, carries its plan out, and only then changes the state.</summary>
    /// <exception cref="TtrpcException">Refused, in the words that the policy lets the host hear.</exception>
    public async Task<TResult> RunAsync<TPlan, TResult>(Request request, string subject, Func<TPlan, Task<TResult>> execute, CancellationToken cancellation) where TPlan : Plan
    {
        await turn.WaitAsync(cancellation);
        try
        {
            TPlan plan = Decide<TPlan>(request, subject);
            TResult result;
            try
            {
                result = await execute(plan);
            }
            catch (Exception e)
            {
                AuditEntry entry = audit.Add(request.Point, isPermitted: true, subject, "", $"permitted, but not carried out: the state is as before: {e.Message}");
                if (TellsOfTheGuest(request.Point, e))
                {
                    throw new TtrpcException(TtrpcStatus.Internal, $"permitted, but could not be carried out, decision {entry.Id}");
                }

                throw;
            }

            Change(s => s.After(plan));
            return result;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>A process ended. Waits its turn, so that the end never overtakes the start that is still being carried out.</summary>
    public async Task ExitedAsync(string containerId, string execId, int exitStatus)
    {
        await turn.WaitAsync();
        try
        {
            Change(s => s.AfterExit(containerId, execId, exitStatus));
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>
    /// Whether a failure tells what the host is not to hear: the launcher's and the kernel's words name files of the image and the volumes. Those about an
    /// image that was to be attached name what the host itself sent.
    /// </summary>
    private bool TellsOfTheGuest(DecisionPoint point, Exception failure) =>
        !policy.ErrorsDetailed && point != DecisionPoint.AttachImage && failure is TtrpcException { Status: TtrpcStatus.Internal };

    /// <summary>
    /// Sets the key broker's time, in its turn: what the host proposed was either set before, or is decided after. From now on its proposals are
    /// refused.
    /// </summary>
    public async Task TakeTimeAsync(ClockPlan plan, Func<ClockPlan, Task> execute)
    {
        plan = plan with { FromBroker = true };
        await turn.WaitAsync();
        try
        {
            await execute(plan);
            audit.Add(DecisionPoint.SetClock, isPermitted: true, "", "", "the key broker's signed time");
            Change(s => s.After(plan));
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The key broker released nothing. Its words came under TLS: why is the owner's to read, unless the policy lets the host hear.</summary>
    public TtrpcException NotReleased(string subject, string reason)
    {
        AuditEntry entry = audit.Add(DecisionPoint.BrokerCall, isPermitted: false, subject, "attestation.keyBroker", reason);
        string message = $"the key broker released nothing to this pVM, and without what the policy lists nothing is made, decision {entry.Id}";
        return new TtrpcException(TtrpcStatus.FailedPrecondition, policy.ErrorsDetailed ? $"{message}: {reason}" : message);
    }

    private void Change(Func<PolicyState, PolicyState> change)
    {
        lock (stateGate)
        {
            state = change(state);
        }
    }

    private TtrpcException Refused(Refusal refusal, string subject)
    {
        AuditEntry entry = audit.Add(refusal.Point, isPermitted: false, subject, refusal.Rule, refusal.Reason, refusal.Hint);
        string message = $"refused by the owner's policy, decision {entry.Id}";
        if (policy.ErrorsDetailed)
        {
            message += $": {refusal.Reason} (rule {refusal.Rule}){(refusal.Hint.Length > 0 ? $"; {refusal.Hint}" : "")}";
        }

        return new TtrpcException(Status(refusal.Kind), refusal.Kind == RefusalKind.Policy ? message : $"{refusal.Reason}; {message}");
    }

    /// <summary>What kind of refusal it is says nothing about the policy: whether a container exists or runs is known to the host, which asked for it.</summary>
    private static TtrpcStatus Status(RefusalKind kind) => kind switch
    {
        RefusalKind.NotFound => TtrpcStatus.NotFound,
        RefusalKind.State => TtrpcStatus.FailedPrecondition,
        RefusalKind.NotBuilt => TtrpcStatus.Unimplemented,
        _ => TtrpcStatus.PermissionDenied,
    };
}
