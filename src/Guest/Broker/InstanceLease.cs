using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Broker;

/// <summary>
/// The right to be one of the policy's live instances: taken before anything is created, renewed while the pVM lives, given back at its end. Lost, by the broker's
/// word or because it could not be renewed in time, the pVM ends at once: another one may have it.
/// </summary>
/// <param name="broker">The key broker.</param>
/// <param name="entry">What the policy says of it.</param>
/// <param name="time">The clock: only its passing counts, from before the broker was asked, so that the lease ends here before it ends there.</param>
/// <param name="lost">Ends the pVM.</param>
internal sealed class InstanceLease(IBroker broker, InstancesEntry entry, TimeProvider time, Action<string> lost) : IDisposable
{
    /// <summary>Renewals that may fail in a row before the lease is over.</summary>
    private const int Renewals = 3;

    private readonly ResourceUri resource = ResourceUri.Parse(entry.Lease);
    private readonly TimeSpan whole = TimeSpan.FromSeconds(entry.Seconds);
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private LeaseGrant? held;
    private ITimer? deadline;
    private Task renewing = Task.CompletedTask;

    /// <summary>The fencing number; 0 while it is not held.</summary>
    public long Fencing => held?.Fencing ?? 0;

    /// <summary>Takes it, and from then on keeps it. Once it is held nothing is asked.</summary>
    /// <exception cref="BrokerException">As many instances as permitted are alive, or the broker cannot be asked.</exception>
    /// <exception cref="SessionFormatException">The broker permits more instances than the policy.</exception>
    public async Task AcquireAsync(CancellationToken cancellation)
    {
        if (held is not null)
        {
            return;
        }

        long asked = time.GetTimestamp();
        LeaseGrant grant = await broker.AcquireLeaseAsync(resource, entry.Seconds, cancellation);
        if (grant.Slot < 0 || grant.Slot >= entry.Most)
        {
            await broker.ReleaseLeaseAsync(resource, grant, cancellation);
            throw new SessionFormatException($"{resource}: the key broker has a lease for an instance beyond the {entry.Most} that the policy permits");
        }

        lock (gate)
        {
            held = grant;
            deadline = time.CreateTimer(_ => Lose("could not be renewed in time"), null, Left(asked), Timeout.InfiniteTimeSpan);
        }

        renewing = Task.Run(RenewAsync, CancellationToken.None);
    }

    /// <summary>Gives it back, so that the next instance need not wait for its end.</summary>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        await ending.CancelAsync();
        await renewing;
        LeaseGrant? last;
        lock (gate)
        {
            last = held;
            held = null;
            deadline?.Dispose();
        }

        if (last is not null)
        {
            await broker.ReleaseLeaseAsync(resource, last, cancellation);
        }
    }

    public void Dispose()
    {
        ending.Cancel();
        deadline?.Dispose();
        ending.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(whole / Renewals, time, ending.Token);
                await RenewOnceAsync();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // It is given back, or the pVM ends.
        }
    }

    private async Task RenewOnceAsync()
    {
        long asked = time.GetTimestamp();
        using CancellationTokenSource late = new(whole / Renewals, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ending.Token);
        try
        {
            LeaseGrant renewed = await broker.RenewLeaseAsync(resource, held!, entry.Seconds, either.Token);
            lock (gate)
            {
                held = renewed;
                deadline?.Change(Left(asked), Timeout.InfiniteTimeSpan);
            }
        }
        catch (BrokerException e) when (e.Failure is BrokerFailure.Conflict or BrokerFailure.Refused)
        {
            Lose(e.Message);
        }
        catch (Exception e) when (e is BrokerException or IOException or SessionFormatException || (e is OperationCanceledException && !ending.IsCancellationRequested))
        {
            // The next renewal, or the deadline.
        }
    }

    private TimeSpan Left(long asked) => whole - time.GetElapsedTime(asked) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private void Lose(string why)
    {
        if (!ending.IsCancellationRequested)
        {
            lost($"the instance lease {resource}: {why}");
        }
    }
}
