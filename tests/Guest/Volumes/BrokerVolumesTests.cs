using Pavise.Guest.Tests.Broker;
using Pavise.Guest.Volumes;
using Pavise.Policy.Plans;
using Pavise.Session.Client;
using Pavise.Session.Rcar;

namespace Pavise.Guest.Tests.Volumes;

/// <summary>What the guest asks of the broker for a volume, and what it makes of the answers.</summary>
public sealed class BrokerVolumesTests
{
    private static readonly EncryptedVolumePlan Fresh = new("data", 1 << 30, "kbs:///shop/keys/data", FreshAtBroker: true);

    [Fact]
    public async Task Without_freshness_only_the_key_is_asked_for()
    {
        FakeBroker broker = new();
        IVolumeGrant grant = await Volumes(broker).GrantAsync(Fresh with { FreshAtBroker = false });
        Assert.Null(grant.Registered);
        await grant.RegisterAsync(7);
        await grant.EndAsync();
        Assert.Equal("get", await broker.NextAsync());
        Assert.False(broker.TryNext(out _));
    }

    [Fact]
    public async Task With_freshness_the_lease_comes_first_then_the_generation_then_the_key_and_all_is_given_back()
    {
        FakeBroker broker = new() { Counter = 5 };
        IVolumeGrant grant = await Volumes(broker).GrantAsync(Fresh);
        Assert.Equal(5, grant.Registered);
        await grant.RegisterAsync(9);
        Assert.Equal((9, 9), (grant.Registered, broker.Counter));
        await grant.EndAsync();
        List<string> calls = [];
        while (broker.TryNext(out string? call))
        {
            calls.Add(call!);
        }

        Assert.Equal(["acquire kbs:///shop/keys/data 30", "counter kbs:///shop/keys/data", "get", "advance kbs:///shop/keys/data", "release 7"], calls);
    }

    [Fact]
    public async Task A_generation_that_another_registered_meanwhile_is_named()
    {
        FakeBroker broker = new() { Counter = 5 };
        IVolumeGrant grant = await Volumes(broker).GrantAsync(Fresh);
        broker.Counter = 6;
        VolumeException refused = await Assert.ThrowsAsync<VolumeException>(() => grant.RegisterAsync(9));
        Assert.Contains("another pVM registered", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_was_lost_is_no_conflict()
    {
        FakeBroker broker = new() { Counter = 5 };
        IVolumeGrant grant = await Volumes(broker).GrantAsync(Fresh);
        broker.Counter = 9;
        await grant.RegisterAsync(9);
        Assert.Equal(9, grant.Registered);
    }

    [Fact]
    public async Task A_key_that_is_not_released_and_a_rule_without_instances_say_what_to_do()
    {
        VolumeException refused = await Assert.ThrowsAsync<VolumeException>(() => Volumes(new FakeBroker()).GrantAsync(Fresh with { Key = "kbs:///shop/keys/refused", FreshAtBroker = false }));
        Assert.Contains("no rule", refused.Message, StringComparison.Ordinal);
        FakeBroker unlimited = new() { Fails = new BrokerException(BrokerFailure.Refused, "403", new Problem(Problem.TypePrefix + "no-instances", "none")) };
        refused = await Assert.ThrowsAsync<VolumeException>(() => Volumes(unlimited).GrantAsync(Fresh));
        Assert.Contains("--instances 1", refused.Message, StringComparison.Ordinal);
    }

    private static BrokerVolumes Volumes(FakeBroker broker) => new(broker, why => Assert.Fail(why), TimeProvider.System);
}
