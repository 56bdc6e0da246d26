namespace Pavise.Policy.Engine;

/// <summary>Why a request was refused: for the audit and, where the policy says <c>errors: detailed</c>, for the host.</summary>
/// <param name="Point">Decision point.</param>
/// <param name="Rule">Path of the rule that decided, e.g. <c>containers[redis].exec</c>.</param>
/// <param name="Reason">What was asked and why that is not permitted, one sentence.</param>
/// <param name="Hint">What the owner would write to permit it, or empty.</param>
public sealed record Refusal(DecisionPoint Point, string Rule, string Reason, string Hint)
{
    /// <summary>What sort of refusal it is: the guest API answers with a status of its own for each.</summary>
    public RefusalKind Kind { get; init; } = RefusalKind.Policy;
}

/// <summary>Sorts of refusals.</summary>
public enum RefusalKind
{
    /// <summary>The policy does not permit it.</summary>
    Policy,
    /// <summary>There is no such container or exec.</summary>
    NotFound,
    /// <summary>It is, or is not, running, paused or ended.</summary>
    State,
    /// <summary>The policy may permit it, and this version cannot do it yet.</summary>
    NotBuilt,
}

/// <summary>A value of the host's request that had no effect.</summary>
/// <param name="Field">Path in the request, e.g. <c>process.env[LD_PRELOAD]</c>.</param>
/// <param name="Rule">Path of the rule that dropped it.</param>
public sealed record Note(string Field, string Rule);
