using Pavise.Policy;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>One thing that the host, an owner or the application may ask, and the engine's answer.</summary>
/// <param name="Point">Decision point.</param>
/// <param name="Subject">Container or process it is about, or empty.</param>
/// <param name="What">What is asked.</param>
/// <param name="Permitted">The engine's answer.</param>
/// <param name="Effect">Permitted: what the host hears or what is done. Refused: why.</param>
/// <param name="Rule">Refused: the rule's path in the policy.</param>
internal sealed record Operation(DecisionPoint Point, string Subject, string What, bool Permitted, string Effect, string Rule)
{
    /// <summary>What was decided, and after what.</summary>
    public Request? Request { get; init; }

    /// <summary>The state in which it was decided.</summary>
    public PolicyState? State { get; init; }

    /// <summary>The same operation of two policies has the same key.</summary>
    public (DecisionPoint, string, string) Key => (Point, Subject, What);
}
