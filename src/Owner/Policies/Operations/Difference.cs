using Pavise.Policy;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Kinds of differences.</summary>
internal enum Change
{
    /// <summary>The second policy permits what the first refuses.</summary>
    NewlyPermitted,
    /// <summary>The second policy refuses what the first permits.</summary>
    NewlyRefused,
    /// <summary>Both permit it; what the host hears or what is made is not the same.</summary>
    OtherEffect,
}

/// <summary>One difference, as an operation.</summary>
/// <param name="Change">Kind.</param>
/// <param name="Point">Decision point.</param>
/// <param name="Subject">Container or process, or empty.</param>
/// <param name="What">What is asked.</param>
/// <param name="Before">The first policy's answer.</param>
/// <param name="After">The second policy's answer.</param>
internal sealed record Difference(Change Change, DecisionPoint Point, string Subject, string What, string Before, string After)
{
    /// <summary>A request on which the policies disagree, and the state of the one that permits it; null where it is an effect.</summary>
    public Request? Example { get; init; }

    /// <summary>State of the permitting policy.</summary>
    public PolicyState? State { get; init; }
}
