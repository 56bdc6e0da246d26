using System.Security.Cryptography;
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

namespace Pavise.Guest.Secrets;

/// <summary>
/// Proves this launch to the key broker that the policy names and pins, and takes everything that the policy lists by one request. The host carries the
/// bytes (host call <c>broker.connect</c>); TLS ends here.
/// </summary>
internal sealed class BrokerProvisioner : IProvisioner
{
    private const int Attempts = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(30);

    private readonly IBoundaryTransport transport;
    private readonly LaunchQuestions launch;
    private readonly BrokerEndpoint endpoint;
    private readonly ReadOnlyMemory<byte> policy;
    private readonly ResourceUri[] resources;
    private readonly HashSet<string> required;
    private readonly Func<DateTimeOffset, Task> timeKnown;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private Task<ReleasedSecrets> running;

    /// <summary>Begins at once.</summary>
    /// <param name="transport">Leads to the host.</param>
    /// <param name="launch">Gets evidence of this launch.</param>
    /// <param name="document">The bound policy; it names a key broker.</param>
    /// <param name="timeKnown">Gets the broker's signed time.</param>
    /// <param name="time">The clock.</param>
    public BrokerProvisioner(IBoundaryTransport transport, LaunchQuestions launch, PolicyDocument document, Func<DateTimeOffset, Task> timeKnown, TimeProvider time)
    {
        this.transport = transport;
        this.launch = launch;
        endpoint = BrokerEndpoint.Parse(document.Attestation.KeyBrokerUrl, document.Attestation.KeyBrokerKeySha256Hex);
        policy = document.CanonicalBytes;
        required = [.. document.Secrets.Select(s => s.Plan.Resource)];
        resources = [.. required.Concat(document.SealedResources).Distinct().Select(ResourceUri.Parse)];
        this.timeKnown = timeKnown;
        this.time = time;
        running = Task.Run(FetchAsync);
    }

    /// <summary>One attempt serves all who wait; a failed one is followed by another only when somebody asks again.</summary>
    public Task<ReleasedSecrets> GetAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            if (running is { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                running = Task.Run(FetchAsync);
            }

            return running.WaitAsync(cancellation);
        }
    }

    private async Task<ReleasedSecrets> FetchAsync()
    {
        TimeSpan pause = FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            using CancellationTokenSource late = new(AttemptTime, time);
            try
            {
                return await FetchOnceAsync(late.Token);
            }
            catch (BrokerException e) when (e.Failure is BrokerFailure.Unreachable or BrokerFailure.Busy && attempt < Attempts)
            {
                await Task.Delay(pause, time);
                pause *= 2;
            }
            catch (OperationCanceledException e)
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
        await using BrokerClient client = new(c => transport.ConnectHostAsync(BoundaryPorts.HostCallBroker, c), endpoint);
        AttestParameters parameters = new(launch.Tee.Name(), new InitData("json", Encoding.UTF8.GetString(policy.Span)), EvidenceAsync);
        using BrokerSession session = await client.AttestAsync(parameters, cancellation);
        if (session.HasExtensions)
        {
            await timeKnown(await session.TimeAsync(cancellation));
        }

        Dictionary<string, ReadOnlyMemory<byte>> values = [];
        Dictionary<string, string> refused = [];
        foreach (ResourceAnswer answer in resources.Length > 0 ? await session.GetAsync(resources, cancellation) : [])
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

    private async Task<ReadOnlyMemory<byte>> EvidenceAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation) =>
        EvidenceJson.Write(await launch.AskAsync(reportData, cancellation));
}
