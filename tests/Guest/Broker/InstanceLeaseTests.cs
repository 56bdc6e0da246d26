using Pavise.Guest.Broker;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Client;

namespace Pavise.Guest.Tests.Broker;

/// <summary>At most so many pVMs of a policy live: taken, kept, lost, given back.</summary>
public sealed class InstanceLeaseTests : IDisposable
{
    private const string Resource = "kbs:///shop/leases/main";
    private static readonly InstancesEntry One = new(1, Resource, 60);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly FakeBroker broker = new();
    private readonly ManualTime time = new();
    private readonly TaskCompletionSource<string> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly InstanceLease lease;

    public InstanceLeaseTests() => lease = new(broker, One, time, why => lost.TrySetResult(why));

    public void Dispose() => lease.Dispose();

    private async Task AcquireAsync()
    {
        await lease.AcquireAsync(default);
        Assert.Equal($"acquire {Resource} 60", await broker.NextAsync());
    }

    // The loop's delay and the deadline: both must wait before the clock moves.
    private async Task PassAsync(int seconds, int timers = 2)
    {
        for (int i = 0; i < 2000 && time.Waiting < timers; i++)
        {
            await Task.Delay(10);
        }

        time.Advance(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task It_is_taken_once_and_renewed_three_times_as_often_as_it_ends()
    {
        await AcquireAsync();
        await lease.AcquireAsync(default);
        Assert.False(broker.TryNext(out _));
        Assert.Equal(7, lease.Fencing);
        for (int i = 0; i < 10; i++)
        {
            await PassAsync(20);
            Assert.Equal("renew 7", await broker.NextAsync());
        }

        Assert.False(lost.Task.IsCompleted);
    }

    [Theory]
    [InlineData(BrokerFailure.Conflict)]
    [InlineData(BrokerFailure.Refused)]
    public async Task Lost_by_the_brokers_word_the_pVM_ends(BrokerFailure failure)
    {
        await AcquireAsync();
        broker.Fails = FakeBroker.Failure(failure);
        await PassAsync(20);
        Assert.Contains(Resource, await lost.Task.WaitAsync(Limit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_cannot_be_asked_is_borne_until_the_lease_ends_and_then_the_pVM_ends()
    {
        await AcquireAsync();
        broker.Fails = FakeBroker.Failure(BrokerFailure.Unreachable);
        await PassAsync(20);
        await broker.NextAsync();
        await PassAsync(20);
        await broker.NextAsync();
        Assert.False(lost.Task.IsCompleted);
        broker.Fails = null;
        await PassAsync(19);
        Assert.False(lost.Task.IsCompleted);
        broker.Fails = FakeBroker.Failure(BrokerFailure.Unreachable);
        await PassAsync(1);
        Assert.Contains("in time", await lost.Task.WaitAsync(Limit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renewal_that_hangs_does_not_hold_the_end_up_and_time_counts_from_before_the_question()
    {
        await AcquireAsync();
        await PassAsync(20);
        await broker.NextAsync();
        broker.Holds = new();
        await PassAsync(20);
        Assert.Equal("renew 7", await broker.NextAsync());

        // Renewed at 20 s: it ends at 80 s, whatever the hanging question at 40 s will bring.
        await PassAsync(39);
        Assert.False(lost.Task.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await lost.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task Given_back_it_is_neither_renewed_nor_lost_any_more()
    {
        await AcquireAsync();
        await lease.ReleaseAsync(default);
        Assert.Equal("release 7", await broker.NextAsync());
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(broker.TryNext(out _));
        Assert.False(lost.Task.IsCompleted);
        Assert.Equal(0, lease.Fencing);
    }

    [Fact]
    public async Task A_broker_that_counts_more_instances_than_the_policy_gets_its_lease_back()
    {
        broker.Slot = 1;
        SessionFormatException refused = await Assert.ThrowsAsync<SessionFormatException>(() => lease.AcquireAsync(default));
        Assert.Contains("beyond the 1", refused.Message, StringComparison.Ordinal);
        Assert.Equal(($"acquire {Resource} 60", "release 7"), (await broker.NextAsync(), await broker.NextAsync()));
        Assert.Equal(0, lease.Fencing);
    }

    [Fact]
    public async Task Where_as_many_live_as_may_nothing_is_held_and_the_next_try_asks_again()
    {
        broker.Fails = FakeBroker.Failure(BrokerFailure.Conflict);
        await Assert.ThrowsAsync<BrokerException>(() => lease.AcquireAsync(default));
        broker.Fails = null;
        await lease.AcquireAsync(default);
        Assert.Equal(7, lease.Fencing);
        Assert.False(lost.Task.IsCompleted);
    }
}
