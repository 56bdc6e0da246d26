using System.Collections.Immutable;
using CsCheck;
using Pavise.Owner.Policies.Operations;
using Pavise.Owner.Tests.Support;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;

namespace Pavise.Owner.Tests.Policies.Operations;

/// <summary>What a diff says is compared with all requests over a small world.</summary>
public sealed class PolicyDiffTests
{
    private static readonly HashSet<string> Unbuilt = [CreateDecision.Unbuilt];

    [Fact]
    public void A_diff_names_exactly_the_containers_and_execs_on_which_brute_force_finds_the_policies_apart() =>
        Gen.Select(RandomPolicies.Gen1, RandomPolicies.Gen1, Gen.Int[0, 1000]).Sample((a, b, seed) =>
        {
            ImmutableArray<Difference> diff = PolicyDiff.Of(a, b);
            HashSet<(Change, string)> creates = [.. diff.Where(d => d.Point == DecisionPoint.CreateContainer && d.Change != Change.OtherEffect).Select(d => (d.Change, d.Subject))];
            foreach (CreateContainer request in BruteForce.Creates(23, seed))
            {
                bool before = BruteForce.Admits(a, request), after = BruteForce.Admits(b, request);
                if (before != after)
                {
                    (Change, string) expected = after ? (Change.NewlyPermitted, BruteForce.Entry(b, request)!) : (Change.NewlyRefused, BruteForce.Entry(a, request)!);
                    Assert.True(creates.Contains(expected), $"{expected}: {string.Join(' ', request.Spec.Process.Args)}");
                }
            }

            HashSet<(Change, string)> execs = [.. diff.Where(d => d.Point == DecisionPoint.ExecProcess && d.Change != Change.OtherEffect).Select(d => (d.Change, d.Subject))];
            foreach (string container in new[] { "c0", "c1" })
            {
                foreach (ExecProcess request in BruteForce.Execs(7, seed))
                {
                    bool before = BruteForce.Admits(a, container, request), after = BruteForce.Admits(b, container, request);
                    Assert.True(before == after || execs.Contains((after ? Change.NewlyPermitted : Change.NewlyRefused, container)), $"{container}: {string.Join(' ', request.Process.Args)}");
                }
            }
        }, iter: 60, threads: 1);

    [Fact]
    public void Every_difference_has_an_example_on_which_the_engine_disagrees() =>
        Gen.Select(RandomPolicies.Gen1, RandomPolicies.Gen1).Sample((a, b) =>
        {
            foreach (Difference difference in PolicyDiff.Of(a, b).Where(d => d is { Change: not Change.OtherEffect, Example: not null }))
            {
                (PolicyDocument permits, PolicyDocument refuses) = difference.Change == Change.NewlyPermitted ? (b, a) : (a, b);
                Assert.True(PolicyEngine.Decide(permits, difference.State!, difference.Example!, Unbuilt).IsPermitted, difference.ToString());
                if (difference.Example is CreateContainer create)
                {
                    Assert.False(BruteForce.Admits(refuses, create), difference.ToString());
                }
            }
        }, iter: 200, threads: 1);

    [Fact]
    public void Signals_streams_files_and_what_the_host_sees_differ_exactly_where_the_engine_answers_differently() =>
        Gen.Select(RandomPolicies.Gen1, RandomPolicies.Gen1).Sample((a, b) =>
        {
            Vocabulary vocabulary = new(a, b);
            Dictionary<(DecisionPoint, string, string), Operation> before = Inventory.Of(a, vocabulary).DistinctBy(o => o.Key).ToDictionary(o => o.Key);
            HashSet<(DecisionPoint, string, string)> told = [.. PolicyDiff.Of(a, b).Select(d => (d.Point, d.Subject, d.What))];
            foreach (Operation after in Inventory.Of(b, vocabulary).Where(o => o.Point is not (DecisionPoint.CreateContainer or DecisionPoint.ExecProcess)))
            {
                Operation then = before[after.Key];
                Assert.Equal(PolicyEngine.Decide(a, then.State!, then.Request!).IsPermitted != PolicyEngine.Decide(b, after.State!, after.Request!).IsPermitted || (then.Permitted && after.Permitted && then.Effect != after.Effect), told.Contains(after.Key));
            }
        }, iter: 60, threads: 1);

    [Fact]
    public void A_policy_does_not_differ_from_itself() =>
        RandomPolicies.Gen1.Sample(policy => Assert.Empty(PolicyDiff.Of(policy, policy)), iter: 100, threads: 1);

    [Theory]
    [InlineData("\"args\":[\"x\"]", "\"args\":[\"x\"],\"capabilities\":[\"SYS_ADMIN\"]", "OtherEffect", "CAP_SYS_ADMIN")]
    [InlineData("\"args\":[\"x\"]", "\"args\":[{\"matches\":\"x|y\"}]", "NewlyPermitted", "argument 0")]
    [InlineData("\"args\":[{\"matches\":\"[a-z]+\"}]", "\"args\":[{\"matches\":\"[a-y]+\"}]", "NewlyRefused", "such as \\\"z\\\"")]
    [InlineData("\"args\":[{\"matches\":\"(a|b)*\"}]", "\"args\":[{\"matches\":\"[ab]*\"}]", null, "")]
    public void Differences_are_told_in_operations(string before, string after, string? change, string what)
    {
        PolicyDocument Of(string process) => RandomPolicies.Parse($"{{\"apiVersion\":\"pavise.dev/v1\",\"kind\":\"Policy\",\"metadata\":{{\"name\":\"p\",\"version\":1}},\"containers\":[{{\"name\":\"c\",\"image\":{{\"rootfs\":\"verity-sha256:{new string('1', 64)}\"}},\"process\":{{{process},\"user\":{{\"uid\":0,\"gid\":0}}}}}}],\"attestation\":{{\"tees\":[\"sim\"]}}}}");
        ImmutableArray<Difference> diff = PolicyDiff.Of(Of(before), Of(after));
        if (change is null)
        {
            Assert.Empty(diff);
        }
        else
        {
            Assert.Contains(diff, d => d.Change.ToString() == change && (d.What + d.Before + d.After).Contains(what.Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal));
        }
    }

    // Of two entries that fit the first is chosen, and what it pins a strict policy blames, though the second would not; what an exec inherits it may say again; an empty host name is none.
    [Theory]
    [InlineData("", "{\"output\":\"host\",\"args\":[\"b\"],\"env\":{\"X\":{\"from\":\"host\"}}}", "{\"output\":\"host\",\"args\":[{\"matches\":\".*\"}],\"env\":{\"X\":\"a\"}},{\"output\":\"host\",\"args\":[\"b\"],\"env\":{\"X\":{\"from\":\"host\"}}}", "", "", "ExecProcess")]
    [InlineData("\"X\":\"a\"", "{\"output\":\"host\",\"args\":[\"b\"]}", "{\"output\":\"host\",\"args\":[\"b\"],\"env\":{\"X\":\"b\"}}", "", "", "ExecProcess")]
    [InlineData("", "", "", "", "\"sandbox\":{\"hostname\":{\"from\":\"host\",\"matches\":\"[ab]*\"}},", "CreateContainer")]
    public void What_a_strict_policy_newly_refuses_is_told(string env, string before, string after, string sandbox, string newSandbox, string point)
    {
        PolicyDocument Of(string execs, string top) => RandomPolicies.Parse($"{{\"apiVersion\":\"pavise.dev/v1\",\"kind\":\"Policy\",\"metadata\":{{\"name\":\"p\",\"version\":1}},\"strict\":true,{top}\"containers\":[{{\"name\":\"c\",\"image\":{{\"rootfs\":\"verity-sha256:{new string('1', 64)}\"}},\"process\":{{\"args\":[\"x\"],\"env\":{{{env}}},\"user\":{{\"uid\":0,\"gid\":0}}}},\"exec\":[{execs}]}}],\"attestation\":{{\"tees\":[\"sim\"]}}}}");
        Assert.Contains(PolicyDiff.Of(Of(before, sandbox), Of(after, newSandbox)), d => d.Change == Change.NewlyRefused && d.Subject == "c" && d.Point.ToString() == point);
    }

    [Theory]
    [InlineData("", ",\"instances\":{\"most\":1,\"lease\":\"kbs:///a/b/c\"}", "none", "1, by a lease of 60 s on kbs:///a/b/c")]
    [InlineData(",\"instances\":{\"most\":1,\"lease\":\"kbs:///a/b/c\"}", ",\"instances\":{\"most\":2,\"lease\":\"kbs:///a/b/c\"}", "1, by a lease of 60 s on kbs:///a/b/c", "2, by a lease of 60 s on kbs:///a/b/c")]
    public void That_another_number_of_pVMs_may_live_at_once_is_told(string before, string after, string then, string now)
    {
        PolicyDocument Of(string instances) => RandomPolicies.Parse($"{{\"apiVersion\":\"pavise.dev/v1\",\"kind\":\"Policy\",\"metadata\":{{\"name\":\"p\",\"version\":1}},\"containers\":[{{\"name\":\"c\",\"image\":{{\"rootfs\":\"verity-sha256:{new string('1', 64)}\"}},\"process\":{{\"args\":[\"x\"],\"user\":{{\"uid\":0,\"gid\":0}}}}}}],\"attestation\":{{\"tees\":[\"sim\"],\"keyBroker\":{{\"url\":\"https://kb:8443\",\"key\":\"spki-sha256:{new string('0', 64)}\"}}{instances}}}}}");
        Difference difference = Assert.Single(PolicyDiff.Of(Of(before), Of(after)));
        Assert.Equal((Change.OtherEffect, "pVMs at once", then, now), (difference.Change, difference.What, difference.Before, difference.After));
    }
}
