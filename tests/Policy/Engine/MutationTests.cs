using Pavise.Policy.Engine;
using Pavise.Policy.Requests;

namespace Pavise.Policy.Tests.Engine;

/// <summary>Each rule has a request that it alone refuses: without the rule something else happens.</summary>
public sealed class MutationTests
{
    public static TheoryData<string> RuleIds => [.. PolicyEngine.RuleIds];

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Without_the_rule_a_request_that_was_refused_is_not(string rule)
    {
        Witness witness = Assert.Single(Witness.All, w => w.Rule == rule);

        Refusal? refusal = PolicyEngine.Decide(witness.Policy, witness.State, witness.Request).Refusal;
        Assert.NotNull(refusal);
        Assert.Equal(witness.Request.Point, refusal.Point);
        Assert.NotEmpty(refusal.Reason);

        if (rule.EndsWith(".exists", StringComparison.Ordinal))
        {
            // What follows relies on the container being there.
            Assert.Equal(RefusalKind.NotFound, refusal.Kind);
            Assert.ThrowsAny<Exception>(() => Without(witness) is { IsPermitted: true } ? throw new InvalidOperationException("permitted") : 0);
            return;
        }

        Assert.True(Without(witness).IsPermitted, $"another rule refuses it too: {Without(witness).Refusal}");
    }

    [Fact]
    public void Every_witness_is_of_a_rule() => Assert.Empty(Witness.All.Select(w => w.Rule).Except(PolicyEngine.RuleIds));

    [Fact]
    public void Rule_ids_are_unique_and_belong_to_decision_points()
    {
        Assert.Equal(PolicyEngine.RuleIds.Count(), PolicyEngine.RuleIds.Distinct().Count());
        Assert.Equal(PolicyEngine.RuleIds.Where(r => r != "ending").Order(), DecisionPoints.All.SelectMany(d => d.Rules).Order());
    }

    private static Decision Without(Witness witness) => PolicyEngine.Decide(witness.Policy, witness.State, witness.Request, new HashSet<string> { witness.Rule });
}
