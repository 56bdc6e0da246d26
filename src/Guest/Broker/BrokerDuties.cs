using Pavise.Guest.Evidence;
using Pavise.Guest.Secrets;
using Pavise.Guest.Transport;
using Pavise.Guest.Volumes;
using Pavise.Policy.Model;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Broker;

/// <summary>What a bound policy brings along for its key broker.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="TimeKnown">Gets the broker's signed time.</param>
/// <param name="Head">Where the audit stands.</param>
internal sealed record BrokerDuties(PolicyDocument Policy, Func<DateTimeOffset, Task> TimeKnown, Func<AuditHead> Head)
{
    /// <summary>Begins them.</summary>
    /// <param name="transport">Leads to the host.</param>
    /// <param name="launch">Gets evidence of this launch.</param>
    /// <param name="lost">Ends the pVM when its lease is lost.</param>
    /// <param name="volumes">The encrypted volumes, whose keys it has.</param>
    /// <param name="time">The clock.</param>
    public IProvisioner Begin(IBoundaryTransport transport, LaunchQuestions launch, Action<string> lost, EncryptedVolumes volumes, TimeProvider time)
    {
        BrokerLink link = new(transport, launch, Policy, TimeKnown);
        volumes.Bound(Policy, new BrokerVolumes(link, lost, time));
        InstanceLease? lease = Policy.Attestation.Instances is { } entry ? new InstanceLease(link, entry, time, lost) : null;
        return new BrokerProvisioner(link, Policy, lease, new AuditCheckpoints(link, Head, time), time);
    }
}
