using System.Collections.Immutable;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>The operations of a policy at every decision point: each is asked of the engine, none is answered by anything else.</summary>
internal sealed class Inventory
{
    private readonly List<Operation> operations = [];
    private readonly PolicyDocument policy;

    private Inventory(PolicyDocument policy) => this.policy = policy;

    /// <summary>Every operation of the vocabulary, in the order of the decision points.</summary>
    public static ImmutableArray<Operation> Of(PolicyDocument policy, Vocabulary vocabulary)
    {
        Inventory inventory = new(policy);
        SandboxOperations.Add(inventory, vocabulary);
        foreach (string name in vocabulary.Containers)
        {
            ContainerEntry? entry = policy.Containers.FirstOrDefault(c => c.Name == name);
            ContainerOperations.Add(inventory, vocabulary, name, entry);
            ProcessOperations.Add(inventory, vocabulary, name, entry);
        }

        BeyondOperations.Add(inventory, vocabulary);
        return [.. inventory.operations.Select((o, i) => (o, i)).OrderBy(o => o.o.Point).ThenBy(o => o.i).Select(o => o.o)];
    }

    public PolicyDocument Policy => policy;

    /// <summary>Asks the engine.</summary>
    /// <param name="subject">Container or process, or empty.</param>
    /// <param name="what">What is asked.</param>
    /// <param name="state">In which state.</param>
    /// <param name="request">The request.</param>
    /// <param name="effect">What the host hears when it is permitted.</param>
    public void Ask(string subject, string what, PolicyState state, Request request, string effect = "")
    {
        Decision decision = PolicyEngine.Decide(policy, state, request);
        operations.Add(decision.Refusal is { } refusal
            ? new(request.Point, subject, what, false, refusal.Reason, refusal.Rule) { Request = request, State = state }
            : new(request.Point, subject, what, true, effect, "") { Request = request, State = state });
    }

    /// <summary>A container that the policy does not have: everything about it is refused, as the engine says of a container that does not exist.</summary>
    public void Missing(string subject, string what, Request request) => Ask(subject, what, Scene.Attached(policy), request);
}
