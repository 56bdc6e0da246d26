using System.Security.Cryptography;
using Pavise.Guest.Broker;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Secrets;

/// <summary>
/// What a launch has to do with its key broker: take the instance lease where the policy asks for one, then everything that the policy lists by one request; from
/// then on leave the audit's head there, and at the end give the lease back.
/// </summary>
internal sealed class BrokerProvisioner : IProvisioner
{
    private const int Attempts = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    // For all attempts together: whoever starts the container waits as long, and a broker that ends each connection late must not make that longer.
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(30);

    private readonly IBroker broker;
    private readonly InstanceLease? lease;
    private readonly AuditCheckpoints checkpoints;
    private readonly ResourceUri[] resources;
    private readonly HashSet<string> required;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private Task<ReleasedSecrets> running;
    private Task leaving = Task.CompletedTask;
    private bool hasBegun;

    /// <summary>Begins at once.</summary>
    /// <param name="broker">The key broker.</param>
    /// <param name="document">The bound policy; it names a key broker.</param>
    /// <param name="lease">The instance lease, null where the policy asks for none.</param>
    /// <param name="checkpoints">Leaves the audit's head.</param>
    /// <param name="time">The clock.</param>
    public BrokerProvisioner(IBroker broker, PolicyDocument document, InstanceLease? lease, AuditCheckpoints checkpoints, TimeProvider time)
    {
        this.broker = broker;
        this.lease = lease;
        this.checkpoints = checkpoints;
        this.time = time;
        required = [.. document.Secrets.Select(s => s.Plan.Resource)];
        resources = [.. required.Concat(document.SealedResources).Distinct().Select(ResourceUri.Parse)];
        running = IsNeeded ? Task.Run(FetchAsync) : Task.Run(WheneverItAnswersAsync);
    }

    private bool IsNeeded => lease is not null || resources.Length > 0;

    /// <summary>One attempt serves all who wait; a failed one is followed by another only when somebody asks again. Where the policy needs nothing of the broker nobody waits.</summary>
    public Task<ReleasedSecrets> GetAsync(CancellationToken cancellation)
    {
        if (!IsNeeded)
        {
            return Task.FromResult(ReleasedSecrets.None);
        }

        lock (gate)
        {
            if (running is { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                running = Task.Run(FetchAsync);
            }

            return running.WaitAsync(cancellation);
        }
    }

    public async Task EndAsync(CancellationToken cancellation)
    {
        try
        {
            await ending.CancelAsync();
            await leaving.WaitAsync(cancellation);
            if (hasBegun)
            {
                await checkpoints.LeaveAsync(cancellation);
            }

            if (lease is not null)
            {
                await lease.ReleaseAsync(cancellation);
            }
        }
        catch (Exception e) when (e is BrokerException or IOException or SessionFormatException or CryptographicException or OperationCanceledException)
        {
            // The pVM ends all the same; the lease ends by itself.
        }
    }

    private async Task<ReleasedSecrets> WheneverItAnswersAsync()
    {
        while (true)
        {
            try
            {
                return await FetchAsync();
            }
            catch (ProvisioningException)
            {
                await Task.Delay(AuditCheckpoints.Interval, time, ending.Token);
            }
        }
    }

    private async Task<ReleasedSecrets> FetchAsync()
    {
        TimeSpan pause = FirstPause;
        using CancellationTokenSource late = new(AttemptTime, time);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await FetchOnceAsync(late.Token);
            }
            catch (BrokerException e) when (e.Failure is BrokerFailure.Unreachable or BrokerFailure.Busy && attempt < Attempts && !late.IsCancellationRequested)
            {
                await Task.Delay(pause, time);
                pause *= 2;
            }
            catch (Exception e) when (e is OperationCanceledException || (late.IsCancellationRequested && e is not ProvisioningException))
            {
                throw new ProvisioningException($"the key broker did not answer within {AttemptTime.TotalSeconds} s", e);
            }
            catch (Exception e) when (e is BrokerException or IOException or SessionFormatException or CryptographicException)
            {
                throw new ProvisioningException(e.Message, e);
            }
        }
    }

    private async Task<ReleasedSecrets> FetchOnceAsync(CancellationToken cancellation)
    {
        bool hasExtensions = await broker.HasExtensionsAsync(cancellation);
        if (lease is not null)
        {
            await (hasExtensions ? lease.AcquireAsync(cancellation) : throw new ProvisioningException("the policy asks for an instance lease, and this key broker gives none"));
        }

        ReleasedSecrets released = resources.Length > 0 ? await ReleasedAsync(cancellation) : ReleasedSecrets.None;
        if (hasExtensions)
        {
            Begin();
        }

        return released;
    }

    private async Task<ReleasedSecrets> ReleasedAsync(CancellationToken cancellation)
    {
        Dictionary<string, ReadOnlyMemory<byte>> values = [];
        Dictionary<string, string> refused = [];
        foreach (ResourceAnswer answer in await broker.GetAsync(resources, cancellation))
        {
            string resource = answer.Resource.ToString();
            if (answer.Content is { } content)
            {
                values.Add(resource, content);
            }
            else if (required.Contains(resource))
            {
                throw new ProvisioningException($"{resource}: {answer.Refusal!.Reason}: {answer.Refusal.Detail}");
            }
            else
            {
                // What no sealed value turns out to use is missed by nobody.
                refused.Add(resource, $"{answer.Refusal!.Reason}: {answer.Refusal.Detail}");
            }
        }

        return new ReleasedSecrets(values, refused);
    }

    private void Begin()
    {
        lock (gate)
        {
            if (!hasBegun && !ending.IsCancellationRequested)
            {
                hasBegun = true;
                leaving = Task.Run(() => checkpoints.RunAsync(ending.Token));
            }
        }
    }
}
