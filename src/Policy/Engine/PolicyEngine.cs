using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Engine;

/// <summary>The decision function. Pure: no I/O, no clock, no randomness.</summary>
public static class PolicyEngine
{
    /// <summary>Decides one request. Nothing changes: after the plan was carried out, the caller replaces its state by <see cref="PolicyState.After"/>.</summary>
    public static Decision Decide(PolicyDocument policy, PolicyState state, Request request) => throw new NotImplementedException();
}
