using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Broker;

/// <summary>What the guest asks of its key broker. Each call proves the launch first where no session stands.</summary>
internal interface IBroker
{
    /// <summary>Whether it is a Pavise broker, with leases, time and audit heads; attests to find out.</summary>
    /// <exception cref="BrokerException">Unreachable, the wrong broker, or the evidence was refused.</exception>
    Task<bool> HasExtensionsAsync(CancellationToken cancellation);

    /// <summary>Fetches resources.</summary>
    /// <exception cref="BrokerException">None came.</exception>
    Task<IReadOnlyList<ResourceAnswer>> GetAsync(IReadOnlyList<ResourceUri> resources, CancellationToken cancellation);

    /// <summary>Acquires a lease.</summary>
    /// <exception cref="BrokerException">As many instances as permitted are alive, or the rules refuse.</exception>
    Task<LeaseGrant> AcquireLeaseAsync(ResourceUri resource, int seconds, CancellationToken cancellation);

    /// <summary>Renews it.</summary>
    /// <exception cref="BrokerException">It is lost, or the broker cannot be asked.</exception>
    Task<LeaseGrant> RenewLeaseAsync(ResourceUri resource, LeaseGrant lease, int seconds, CancellationToken cancellation);

    /// <summary>Gives it back.</summary>
    /// <exception cref="BrokerException">It was lost before, or the broker cannot be asked.</exception>
    Task ReleaseLeaseAsync(ResourceUri resource, LeaseGrant lease, CancellationToken cancellation);

    /// <summary>Reads a freshness counter.</summary>
    /// <exception cref="BrokerException">It was not read.</exception>
    Task<long> ReadCounterAsync(ResourceUri resource, CancellationToken cancellation);

    /// <summary>Moves a freshness counter forward, if it is what this guest knows it to be.</summary>
    /// <exception cref="BrokerException">It is something else, or it was not moved.</exception>
    Task<long> AdvanceCounterAsync(ResourceUri resource, long expected, long value, CancellationToken cancellation);

    /// <summary>Leaves the audit's head there.</summary>
    /// <exception cref="BrokerException">It was not taken.</exception>
    Task CheckpointAsync(AuditHead head, CancellationToken cancellation);
}
