using System.Text;
using Pavise.Attestation;
using Pavise.Attestation.Kbs;
using Pavise.Boundary;
using Pavise.Guest.Evidence;
using Pavise.Guest.Transport;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;
using Pavise.Session.Rcar;

namespace Pavise.Guest.Broker;

/// <summary>
/// The guest's connection to the key broker that the policy names and pins, for as long as the pVM lives. The host carries the bytes (host call
/// <c>broker.connect</c>); TLS ends here. A session that ended is followed by a new attestation, which also brings the broker's time.
/// </summary>
/// <param name="transport">Leads to the host.</param>
/// <param name="launch">Gets evidence of this launch.</param>
/// <param name="document">The bound policy; it names a key broker.</param>
/// <param name="timeKnown">Gets the broker's signed time.</param>
internal sealed class BrokerLink(IBoundaryTransport transport, LaunchQuestions launch, PolicyDocument document, Func<DateTimeOffset, Task> timeKnown) : IBroker, IAsyncDisposable
{
    private readonly BrokerClient client = new(
        c => transport.ConnectHostAsync(BoundaryPorts.HostCallBroker, c),
        BrokerEndpoint.Parse(document.Attestation.KeyBrokerUrl, document.Attestation.KeyBrokerKeySha256Hex));

    private readonly SemaphoreSlim turn = new(1, 1);
    private BrokerSession? session;

    public Task<bool> HasExtensionsAsync(CancellationToken cancellation) => AskAsync(s => Task.FromResult(s.HasExtensions), cancellation);

    public Task<IReadOnlyList<ResourceAnswer>> GetAsync(IReadOnlyList<ResourceUri> resources, CancellationToken cancellation) => AskAsync(s => s.GetAsync(resources, cancellation), cancellation);

    public Task<LeaseGrant> AcquireLeaseAsync(ResourceUri resource, int seconds, CancellationToken cancellation) => AskAsync(s => s.AcquireLeaseAsync(resource, seconds, cancellation), cancellation);

    public Task<LeaseGrant> RenewLeaseAsync(ResourceUri resource, LeaseGrant lease, int seconds, CancellationToken cancellation) =>
        AskAsync(s => s.RenewLeaseAsync(resource, lease, seconds, cancellation), cancellation);

    public Task ReleaseLeaseAsync(ResourceUri resource, LeaseGrant lease, CancellationToken cancellation) => AskAsync(s => Done(s.ReleaseLeaseAsync(resource, lease, cancellation)), cancellation);

    public Task<long> ReadCounterAsync(ResourceUri resource, CancellationToken cancellation) => AskAsync(s => s.ReadCounterAsync(resource, cancellation), cancellation);

    public Task<long> AdvanceCounterAsync(ResourceUri resource, long expected, long value, CancellationToken cancellation) =>
        AskAsync(s => s.AdvanceCounterAsync(resource, expected, value, cancellation), cancellation);

    public Task CheckpointAsync(AuditHead head, CancellationToken cancellation) => AskAsync(s => Done(s.CheckpointAsync(head, cancellation)), cancellation);

    public async ValueTask DisposeAsync()
    {
        session?.Dispose();
        await client.DisposeAsync();
        turn.Dispose();
    }

    /// <summary>One question at a time. The broker forgets sessions (it started anew, or ten minutes passed): attested again, the question is asked once more.</summary>
    private async Task<T> AskAsync<T>(Func<BrokerSession, Task<T>> ask, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            bool isNew = session is null;
            session ??= await AttestAsync(cancellation);
            try
            {
                return await ask(session);
            }
            catch (BrokerException e) when (e.Failure == BrokerFailure.Unauthenticated && !isNew)
            {
                Forget();
                session = await AttestAsync(cancellation);
                return await ask(session);
            }
        }
        catch (BrokerException e) when (e.Failure is BrokerFailure.Refused or BrokerFailure.NotFound or BrokerFailure.Conflict or BrokerFailure.Busy)
        {
            throw;
        }
        catch
        {
            // What was in the middle is not known: the next question begins anew.
            Forget();
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<BrokerSession> AttestAsync(CancellationToken cancellation)
    {
        InitData policy = new("json", Encoding.UTF8.GetString(document.CanonicalBytes.Span));
        BrokerSession attested = await client.AttestAsync(new(launch.Tee.Name(), policy, async (reportData, c) => EvidenceJson.Write(await launch.AskAsync(reportData, c))), cancellation);
        try
        {
            if (attested.HasExtensions)
            {
                await timeKnown(await attested.TimeAsync(cancellation));
            }

            return attested;
        }
        catch
        {
            attested.Dispose();
            throw;
        }
    }

    private void Forget()
    {
        session?.Dispose();
        session = null;
    }

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }
}
