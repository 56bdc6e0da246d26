using Pavise.KeyBroker.Rules;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>Reasons for error answers to guests, a closed list. What a rule expects is not told: it stands in the audit.</summary>
internal static class Problems
{
    public static Problem NotFound { get; } = Of("not-found", "there is no such resource");

    public static Problem OlderPolicy { get; } = Of("older-policy", "a newer version of this policy has been released to; older ones no longer are");

    public static Problem LeaseRequired { get; } = Of("lease-required", "this resource limits its live instances: acquire a lease first");

    public static Problem ReleasedBefore { get; } = Of("released-before", "this resource has been released as many times as its rule permits for this policy version");

    public static Problem BatchTooLarge { get; } = Of("batch-too-large", "the resources together are too large for one batch; fetch this one by itself");

    public static Problem NoSession { get; } = Of("no-session", "no such session: it ended, or this broker started anew; attest again");

    public static Problem NotAttested { get; } = Of("not-attested", "this session is not attested");

    public static Problem ChallengeUsed { get; } = Of("challenge-used", "this challenge was used before; ask for a new one");

    public static Problem OtherNonce { get; } = Of("other-nonce", "the nonce is not the one of this session's challenge");

    public static Problem NoProof { get; } = Of("no-proof", "the proof is missing, does not hold, or was used before: this request does not come from the attested guest");

    public static Problem Busy { get; } = Of("busy", "too many sessions or requests; try again later");

    public static Problem CounterBackwards { get; } = Of("counter-backwards", "a freshness counter only grows");

    public static Problem CounterConflict { get; } = Of("counter-conflict", "the counter is not what was expected: the state is old or forked, or another instance moved it");

    public static Problem NoInstances { get; } = Of("no-instances", "no rule that permits this guest limits the instances of this resource");

    public static Problem LeaseTaken { get; } = Of("lease-taken", "as many instances as the rule permits are alive");

    public static Problem LeaseLost { get; } = Of("lease-lost", "this lease ended and is no longer held");

    public static Problem HeadBackwards { get; } = Of("audit-backwards", "the audit of this boot was further before, or had another entry there");

    public static Problem Admin { get; } = Of("admin-listener", "administration is done on the broker's admin address with a client certificate: pavise kb");

    public static Problem OtherSite { get; } = Of("other-site", "this request was made by a page of another site");

    public static Problem NotPermitted(IReadOnlyList<RuleVerdict> verdicts) => verdicts.Count == 0
        ? Of("no-rule", "no release rule permits this resource to anybody")
        : Of("refused", $"no release rule permits this guest; failing: {string.Join(", ", verdicts.SelectMany(v => v.Refusals).Select(c => c.Name).Distinct().Take(16))}");

    public static Problem Malformed(string detail) => Of("malformed", detail);

    public static Problem Version(string detail) => Of("protocol-version", detail);

    public static Problem Evidence(string detail) => Of("evidence-refused", detail);

    public static Problem Of(string reason, string detail) => new(Problem.TypePrefix + reason, detail);
}
