using System.Threading.Channels;
using Pavise.Guest.Broker;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;
using Pavise.Session.Rcar;

namespace Pavise.Guest.Tests.Broker;

/// <summary>A key broker as a guest sees it. Each call stands in <see cref="Calls"/>.</summary>
internal sealed class FakeBroker : IBroker
{
    private readonly Channel<string> calls = Channel.CreateUnbounded<string>();

    public bool HasExtensions { get; set; } = true;

    /// <summary>Slot of the next lease.</summary>
    public int Slot { get; set; }

    /// <summary>Why every further call fails; null: none does.</summary>
    public Exception? Fails { get; set; }

    /// <summary>Calls wait for it.</summary>
    public TaskCompletionSource? Holds { get; set; }

    public AuditHead? Head { get; private set; }

    /// <summary>The next call, when it comes.</summary>
    public async Task<string> NextAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        return await calls.Reader.ReadAsync(limit.Token);
    }

    public bool TryNext(out string? call) => calls.Reader.TryRead(out call);

    public static BrokerException Failure(BrokerFailure failure) => new(failure, $"the key broker: {failure}");

    public Task<bool> HasExtensionsAsync(CancellationToken cancellation) => AnswerAsync("attest", HasExtensions, cancellation);

    public Task<IReadOnlyList<ResourceAnswer>> GetAsync(IReadOnlyList<ResourceUri> resources, CancellationToken cancellation) => AnswerAsync<IReadOnlyList<ResourceAnswer>>(
        "get",
        [.. resources.Select(r => r.Tag == "refused" ? new ResourceAnswer(r, null, new Problem("refused", "no rule")) : new ResourceAnswer(r, [1], null))],
        cancellation);

    public Task<LeaseGrant> AcquireLeaseAsync(ResourceUri resource, int seconds, CancellationToken cancellation) =>
        AnswerAsync($"acquire {resource} {seconds}", new LeaseGrant(7, DateTimeOffset.UnixEpoch, Slot), cancellation);

    public Task<LeaseGrant> RenewLeaseAsync(ResourceUri resource, LeaseGrant lease, int seconds, CancellationToken cancellation) => AnswerAsync($"renew {lease.Fencing}", lease, cancellation);

    public Task ReleaseLeaseAsync(ResourceUri resource, LeaseGrant lease, CancellationToken cancellation) => AnswerAsync($"release {lease.Fencing}", true, cancellation);

    /// <summary>The freshness counter of every resource.</summary>
    public long Counter { get; set; }

    public Task<long> ReadCounterAsync(ResourceUri resource, CancellationToken cancellation) => AnswerAsync($"counter {resource}", Counter, cancellation);

    public Task<long> AdvanceCounterAsync(ResourceUri resource, long expected, long value, CancellationToken cancellation)
    {
        if (expected != Counter)
        {
            throw Failure(BrokerFailure.Conflict);
        }

        Counter = Fails is null ? value : Counter;
        return AnswerAsync($"advance {resource}", value, cancellation);
    }

    public Task CheckpointAsync(AuditHead head, CancellationToken cancellation)
    {
        Head = Fails is null ? head : Head;
        return AnswerAsync($"head {head.Sequence}", true, cancellation);
    }

    private async Task<T> AnswerAsync<T>(string call, T answer, CancellationToken cancellation)
    {
        Exception? fails = Fails;
        TaskCompletionSource? holds = Holds;
        calls.Writer.TryWrite(call);
        if (holds is not null)
        {
            await holds.Task.WaitAsync(cancellation);
        }

        return fails is null ? answer : throw fails;
    }
}
