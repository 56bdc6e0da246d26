using Pavise.Guest.Broker;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Volumes;

/// <summary>
/// Keys and generations of volumes at the key broker. With <c>freshness: broker</c> a pVM first takes the lease of the key, which the owner's rule limits to one, and keeps it: a second user gets
/// none. Who lost it ends at once, for then another pVM may have gone on from the same image.
/// </summary>
/// <param name="broker">The key broker.</param>
/// <param name="lost">Ends this pVM; gets why.</param>
/// <param name="time">The clock.</param>
internal sealed class BrokerVolumes(IBroker broker, Action<string> lost, TimeProvider time) : IVolumeKeeper
{
    /// <summary>Length of a lease: a broker that starts anew answers sooner; a pVM that was killed leaves its volume to the next after this time.</summary>
    private const int LeaseSeconds = 30;

    private const int Attempts = 4;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2), FirstPause = TimeSpan.FromMilliseconds(200), AttemptTime = TimeSpan.FromSeconds(30);

    /// <summary>How long a lease is waited for: what a killed pVM left has then ended, what is renewed has not.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(LeaseSeconds + 6);

    public async Task<IVolumeGrant> GrantAsync(EncryptedVolumePlan volume)
    {
        ResourceUri resource = ResourceUri.Parse(volume.Key);
        InstanceLease? lease = null;
        try
        {
            long? registered = null;
            if (volume.FreshAtBroker)
            {
                lease = new InstanceLease(broker, new InstancesEntry(1, volume.Key, LeaseSeconds), time, why => lost($"the volume {volume.Name}: {why}"));
                await LeaseAsync(volume, lease);
                registered = await AskAsync(c => broker.ReadCounterAsync(resource, c));
            }

            ResourceAnswer answer = (await AskAsync(c => broker.GetAsync([resource], c)))[0];
            return answer.Content is { } secret ? new Grant(this, volume.Name, resource, secret, registered, lease)
                : throw new VolumeException($"the key of the volume {volume.Name} was not released: {answer.Refusal!.Reason}: {answer.Refusal.Detail}");
        }
        catch (Exception e)
        {
            lease?.Dispose();
            throw e is BrokerException or IOException or SessionFormatException ? new VolumeException($"the key of the volume {volume.Name} was not released: {e.Message}", e) : e;
        }
    }

    private async Task LeaseAsync(EncryptedVolumePlan volume, InstanceLease lease)
    {
        for (TimeSpan waited = TimeSpan.Zero; ; waited += Step)
        {
            try
            {
                await AskAsync(async c =>
                {
                    await lease.AcquireAsync(c);
                    return true;
                });
                return;
            }
            catch (BrokerException e) when (e.Failure == BrokerFailure.Conflict)
            {
                if (waited >= LongestWait)
                {
                    throw new VolumeException($"the volume {volume.Name} is refused: another pVM uses it, and only one may", e);
                }

                await Task.Delay(Step, time);
            }
            catch (BrokerException e) when (e.Problem?.Reason == "no-instances")
            {
                throw new VolumeException($"the volume {volume.Name} asks for freshness, and the key broker's rule for {volume.Key} limits no instances: allow it with --instances 1", e);
            }
        }
    }

    /// <summary>Asks again where the way to the broker failed.</summary>
    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask)
    {
        TimeSpan pause = FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            using CancellationTokenSource late = new(AttemptTime, time);
            try
            {
                return await ask(late.Token);
            }
            catch (BrokerException e) when (e.Failure is BrokerFailure.Unreachable or BrokerFailure.Busy && attempt < Attempts)
            {
                await Task.Delay(pause, time);
                pause *= 2;
            }
            catch (OperationCanceledException e)
            {
                throw new BrokerException(BrokerFailure.Unreachable, $"the key broker did not answer within {AttemptTime.TotalSeconds} s", null, e);
            }
        }
    }

    private sealed class Grant(BrokerVolumes volumes, string name, ResourceUri resource, ReadOnlyMemory<byte> secret, long? registered, InstanceLease? lease) : IVolumeGrant
    {
        public ReadOnlyMemory<byte> Secret => secret;

        public long? Registered { get; private set; } = registered;

        public async Task RegisterAsync(long generation)
        {
            if (Registered is not { } before)
            {
                return;
            }

            try
            {
                Registered = await volumes.AskAsync(c => AdvanceAsync(before, generation, c));
            }
            catch (Exception e) when (e is BrokerException or IOException or SessionFormatException)
            {
                throw new VolumeException(e is BrokerException { Failure: BrokerFailure.Conflict }
                    ? $"the volume {name} is refused: another pVM registered a generation of it meanwhile"
                    : $"the generation of the volume {name} could not be registered: {e.Message}", e);
            }
        }

        public async Task EndAsync()
        {
            if (lease is not null)
            {
                await volumes.AskAsync(async c =>
                {
                    await lease.ReleaseAsync(c);
                    return true;
                });
            }
        }

        /// <summary>An answer may have been lost: that the counter is what it was to become is success, since nobody else knows that number.</summary>
        private async Task<long> AdvanceAsync(long before, long generation, CancellationToken cancellation)
        {
            try
            {
                return await volumes.Broker.AdvanceCounterAsync(resource, before, generation, cancellation);
            }
            catch (BrokerException e) when (e.Failure == BrokerFailure.Conflict)
            {
                return await volumes.Broker.ReadCounterAsync(resource, cancellation) == generation ? generation : throw new BrokerException(e.Failure, e.Message, e.Problem, e);
            }
        }
    }

    private IBroker Broker => broker;
}
