using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Session.Extensions;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.Session.Client;

/// <summary>An attested exchange with a broker. Ends when the broker says so (<see cref="BrokerFailure.Unauthenticated"/>): attest again then.</summary>
public sealed class BrokerSession : IDisposable
{
    private readonly HttpConnection _connection;
    private readonly ExchangeKey _key;
    private readonly byte[]? _proofKey;
    private readonly IReadOnlyList<JwtKey> _brokerKeys;
    private readonly string _cookie;
    private long _proofs;

    internal BrokerSession(HttpConnection connection, string token, string cookie, ExchangeKey key, byte[]? proofKey, IReadOnlyList<JwtKey> brokerKeys) =>
        (_connection, Token, _cookie, _key, _proofKey, _brokerKeys) = (connection, token, cookie, key, proofKey, brokerKeys);

    /// <summary>The attestation result, a JWT, for other services that trust this broker.</summary>
    public string Token { get; }

    /// <summary>Whether this is a Pavise broker, which has more than single resources.</summary>
    public bool HasExtensions => _proofKey is not null;

    /// <summary>Fetches one resource.</summary>
    /// <exception cref="BrokerException">Refused, not there, ended, unreachable.</exception>
    public async Task<byte[]> GetAsync(ResourceUri resource, CancellationToken cancellation)
    {
        HttpAnswer answer = await _connection.SendAsync("GET", BrokerPaths.Resource + resource.Path, [new("Cookie", _cookie)], null, repeatable: true, cancellation);
        return answer.Status == 200 ? BrokerClient.Understand(() => _key.Open(answer.Body)) : throw BrokerException.Of(answer);
    }

    /// <summary>Fetches many resources: by one request from a Pavise broker, one by one from another.</summary>
    /// <returns>In the order asked; a refusal stands in its place and concerns that resource only.</returns>
    public async Task<IReadOnlyList<ResourceAnswer>> GetAsync(IReadOnlyList<ResourceUri> resources, CancellationToken cancellation)
    {
        if (HasExtensions)
        {
            byte[] content = await ExtendedAsync(BrokerPaths.Batch, Batch.WriteRequest(resources), cancellation);
            return BrokerClient.Understand(() => Batch.ParseAnswer(_key.Open(content), resources));
        }

        List<ResourceAnswer> answers = [];
        foreach (ResourceUri resource in resources)
        {
            try
            {
                answers.Add(new(resource, await GetAsync(resource, cancellation), null));
            }
            catch (BrokerException e) when (e.Failure is BrokerFailure.Refused or BrokerFailure.NotFound)
            {
                answers.Add(new(resource, null, e.Problem!));
            }
        }

        return answers;
    }

    /// <summary>The broker's time; not older than this call.</summary>
    public async Task<DateTimeOffset> TimeAsync(CancellationToken cancellation)
    {
        string nonce = Base64Text.Encode(RandomNumberGenerator.GetBytes(16));
        byte[] answer = await ExtendedAsync(BrokerPaths.Time, SignedTime.WriteRequest(nonce), cancellation);
        return BrokerClient.Understand(() => SignedTime.ParseAnswer(answer, _brokerKeys, nonce));
    }

    /// <summary>Reads a freshness counter.</summary>
    /// <param name="resource">The resource whose rule guards it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<long> ReadCounterAsync(ResourceUri resource, CancellationToken cancellation) => CounterAsync(resource, new(null, null), cancellation);

    /// <summary>Moves a freshness counter forward, if it is what this guest knows it to be.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerFailure.Conflict"/>: it is something else, so what this guest holds is old or forked, or another instance runs.</exception>
    public Task<long> AdvanceCounterAsync(ResourceUri resource, long expected, long value, CancellationToken cancellation) =>
        CounterAsync(resource, new(expected, value), cancellation);

    /// <summary>Acquires a lease.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerFailure.Conflict"/>: as many instances as the rule permits are alive.</exception>
    public Task<LeaseGrant> AcquireLeaseAsync(ResourceUri resource, int seconds, CancellationToken cancellation) => LeaseAsync(resource, new(seconds, null), cancellation);

    /// <summary>Renews a lease, if nobody else got it in between.</summary>
    public Task<LeaseGrant> RenewLeaseAsync(ResourceUri resource, LeaseGrant lease, int seconds, CancellationToken cancellation) =>
        LeaseAsync(resource, new(seconds, lease.Fencing), cancellation);

    /// <summary>Gives a lease back.</summary>
    public Task ReleaseLeaseAsync(ResourceUri resource, LeaseGrant lease, CancellationToken cancellation) => LeaseAsync(resource, new(0, lease.Fencing), cancellation);

    /// <summary>A certificate of the mesh for a key of this guest, with the workload's name.</summary>
    /// <param name="key">The guest's key; stays here.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<MeshCertificate> CertificateAsync(ECDsa key, CancellationToken cancellation)
    {
        CertificateRequest request = new("CN=workload", key, key.KeySize == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384);
        byte[] answer = await ExtendedAsync(BrokerPaths.Certificate, MeshCertificate.WriteRequest(request.CreateSigningRequest()), cancellation);
        return BrokerClient.Understand(() => MeshCertificate.Parse(answer));
    }

    /// <summary>Leaves the head of this guest's audit with the broker.</summary>
    public async Task CheckpointAsync(AuditHead head, CancellationToken cancellation) => await ExtendedAsync(BrokerPaths.AuditHead, head.Write(), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        if (_proofKey is not null)
        {
            CryptographicOperations.ZeroMemory(_proofKey);
        }
    }

    private async Task<long> CounterAsync(ResourceUri resource, CounterRequest request, CancellationToken cancellation)
    {
        byte[] answer = await ExtendedAsync(BrokerPaths.Counter + resource.Path, request.Write(), cancellation);
        return BrokerClient.Understand(() => CounterRequest.ParseAnswer(answer));
    }

    private async Task<LeaseGrant> LeaseAsync(ResourceUri resource, LeaseRequest request, CancellationToken cancellation)
    {
        byte[] answer = await ExtendedAsync(BrokerPaths.Lease + resource.Path, request.Write(), cancellation);
        return BrokerClient.Understand(() => LeaseGrant.Parse(answer));
    }

    private async Task<byte[]> ExtendedAsync(string path, byte[] body, CancellationToken cancellation)
    {
        // Sent again with the same proof where a kept connection had ended: the broker answers a repeated proof as it did before.
        byte[] key = _proofKey ?? throw new BrokerException(BrokerFailure.Protocol, $"this key broker has no {path}: it is not a Pavise broker");
        string proof = RequestProof.Make(key, "POST", path, Interlocked.Increment(ref _proofs), body);
        HttpAnswer answer = await _connection.SendAsync("POST", path, [new("Cookie", _cookie), new(RequestProof.Header, proof)], body, repeatable: true, cancellation);
        return answer.Status == 200 ? answer.Body : throw BrokerException.Of(answer);
    }
}
