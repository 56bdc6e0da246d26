using CsCheck;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>The host proposes the time, again and again.</summary>
public sealed class ClockTests
{
    private const long Second = 1_000_000_000, Begin = PolicyLimits.ClockEarliestNs + (1000 * Second);

    [Fact]
    public void However_often_the_host_sets_the_clock_it_wins_at_most_an_hour_in_one_boot() => Gen.Select(Gen.Long[-4000, 4000], Gen.Long[0, 600]).Array[1, 40].Sample(steps =>
    {
        PolicyDocument policy = Sample.Document();
        PolicyState state = PolicyState.Empty.Do(policy, new SetClock(Begin, 0) { ElapsedNs = 5 * Second });
        long clock = Begin, elapsed = 5 * Second;
        foreach ((long by, long passed) in steps)
        {
            clock += passed * Second;
            elapsed += passed * Second;
            SetClock request = new(clock + (by * Second), clock) { ElapsedNs = elapsed };
            if (PolicyEngine.Decide(policy, state, request).Plan is ClockPlan plan)
            {
                state = state.After(plan);
                clock = plan.UnixNs;
            }
        }

        long ahead = clock - Begin - (elapsed - (5 * Second));
        return ahead is >= 0 and <= PolicyLimits.ClockJumpNs;
    });

    [Fact]
    public void Honest_corrections_are_taken_for_as_long_as_the_pVM_lives()
    {
        PolicyDocument policy = Sample.Document();
        PolicyState state = PolicyState.Empty.Do(policy, new SetClock(Begin, 0));
        for (long day = 1; day <= 365; day++)
        {
            long elapsed = day * 86_400 * Second;
            state = state.Do(policy, new SetClock(Begin + elapsed + (day * Second), Begin + elapsed + ((day - 1) * Second)) { ElapsedNs = elapsed });
        }
    }

    [Fact]
    public void Once_the_key_broker_told_the_time_the_host_sets_none_and_the_broker_may_set_it_back()
    {
        PolicyDocument policy = Sample.Document();
        PolicyState state = PolicyState.Empty.Do(policy, new SetClock(Begin + (3600 * Second), 0)).After(new ClockPlan(Begin) { FromBroker = true, ElapsedNs = 7 });
        Assert.Equal("attestation.keyBroker", PolicyEngine.Decide(policy, state, new SetClock(Begin + 1, Begin) { ElapsedNs = 7 }).Refusal!.Rule);
        Assert.Equal((Begin, 7), state.ClockBase);
    }
}
