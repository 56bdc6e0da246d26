using System.Collections.Immutable;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Engine;

/// <summary>Why a request was refused: for the audit and, where the policy says <c>errors: detailed</c>, for the host.</summary>
/// <param name="Point">Decision point.</param>
/// <param name="Rule">Path of the rule that decided, e.g. <c>containers[redis].exec</c>.</param>
/// <param name="Reason">What was asked and why that is not permitted, one sentence.</param>
/// <param name="Hint">What the owner would write to permit it, or empty.</param>
public sealed record Refusal(DecisionPoint Point, string Rule, string Reason, string Hint);

/// <summary>A value of the host's request that had no effect.</summary>
/// <param name="Field">Path in the request, e.g. <c>process.env[LD_PRELOAD]</c>.</param>
/// <param name="Rule">Path of the rule that dropped it.</param>
public sealed record Note(string Field, string Rule);

/// <summary>Outcome of a decision: a plan, or a refusal; never both, never neither.</summary>
public readonly record struct Decision
{
    private Decision(Plan? plan, Refusal? refusal, ImmutableArray<Note> notes) => (Plan, Refusal, Notes) = (plan, refusal, notes);

    /// <summary>What to carry out, if permitted.</summary>
    public Plan? Plan { get; }

    /// <summary>Why not, if refused.</summary>
    public Refusal? Refusal { get; }

    /// <summary>What was dropped on the way.</summary>
    public ImmutableArray<Note> Notes { get; }

    /// <summary>A permission.</summary>
    public static Decision Permit(Plan plan, ImmutableArray<Note> notes = default) => new(plan, null, notes.IsDefault ? [] : notes);

    /// <summary>A refusal.</summary>
    public static Decision Refuse(Refusal refusal) => new(null, refusal, []);
}
