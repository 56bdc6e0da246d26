using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Engine;

/// <summary>What one decision is made from.</summary>
internal readonly record struct Case<TRequest>(PolicyDocument Policy, PolicyState State, TRequest Request) where TRequest : Request
{
    /// <summary>The container that the request names, or null.</summary>
    public ContainerState? Container(string id) => State.Containers.GetValueOrDefault(id);

    public Refusal Refuse(string rule, string reason, string hint = "", RefusalKind kind = RefusalKind.Policy) => new(Request.Point, rule, reason, hint) { Kind = kind };
}

/// <summary>Looks at a case and refuses it, or has nothing against it.</summary>
internal delegate Refusal? Check<TRequest>(in Case<TRequest> c) where TRequest : Request;

/// <summary>One rule of a decision point. Each can be switched off by a test, which must then see something permitted that was not.</summary>
/// <param name="Id">Name, unique over all rules: decision point, dot, what it is about.</param>
/// <param name="Check">The rule.</param>
internal sealed record Rule<TRequest>(string Id, Check<TRequest> Check) where TRequest : Request;

/// <summary>Evaluation of rules: the first refusal counts.</summary>
internal static class Rules
{
    public static Refusal? First<TRequest>(Rule<TRequest>[] rules, in Case<TRequest> c, IReadOnlySet<string>? disabled) where TRequest : Request
    {
        foreach (Rule<TRequest> rule in rules)
        {
            if ((disabled is null || !disabled.Contains(rule.Id)) && rule.Check(c) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
