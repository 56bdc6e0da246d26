using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.Session;
using Pavise.Session.Extensions;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>
/// Instance leases. At most as many as the rule permits are alive at the broker's clock; each has a fencing number that no other lease of the resource ever has.
/// A guest that attests anew renews by its number and so moves the lease to its new key.
/// </summary>
internal sealed class LeaseHandler(IBrokerStore store, ReleaseService releases, AuditLog audit, TimeProvider clock)
{
    public async Task<ExtensionAnswer> HandleAsync(HttpContext context, GuestSession session, AttestedGuest guest, byte[] body)
    {
        ResourceUri resource = Requests.Resource(context);
        LeaseRequest request = LeaseRequest.Parse(body);
        IReadOnlyList<RuleVerdict> verdicts = releases.Appraise(guest, resource);
        (LeaseGrant? grant, Problem? refusal, string entry) = await store.ChangeAsync(change =>
        {
            IReadOnlyList<RuleVerdict> told = ReleaseService.Current(verdicts, change);
            (LeaseGrant? given, Problem? why) = told.FirstOrDefault(v => v.Permits && v.Rule.Rule.Instances is not null) is { } permitting
                ? Decide(change, guest, resource, request, permitting.Rule.Rule.Instances!.Value)
                : (null, told.Any(v => v.Permits) ? Problems.NoInstances : Problems.NotPermitted(told));
            return (given, why, Audit(change, session, guest, resource, request, given, why, told));
        });
        audit.Announce(entry);
        if (refusal is null)
        {
            return ExtensionAnswer.Done(grant!.Write());
        }

        bool conflict = refusal == Problems.LeaseTaken || refusal == Problems.LeaseLost;
        return ExtensionAnswer.Refused(conflict ? StatusCodes.Status409Conflict : StatusCodes.Status403Forbidden, refusal);
    }

    private (LeaseGrant?, Problem?) Decide(IStoreChange change, AttestedGuest guest, ResourceUri resource, LeaseRequest request, int instances)
    {
        DateTimeOffset now = clock.GetUtcNow(), until = now.AddSeconds(request.Seconds);
        IReadOnlyList<StoredLease> all = change.Leases(resource.Path);
        StoredLease? own = request.Fencing is { } fencing ? all.FirstOrDefault(l => l.Fencing == fencing) : all.FirstOrDefault(l => l.Key == guest.Key.Thumbprint && l.ExpiresMs > now.ToUnixTimeMilliseconds());
        if (request.Fencing is not null && own is null)
        {
            return (null, Problems.LeaseLost);
        }

        if (request.Seconds == 0)
        {
            change.RemoveLease(resource.Path, own!.Fencing);
            return (new(own.Fencing, now, own.Slot), null);
        }

        if (own is not null)
        {
            change.PutLease(own with { Key = guest.Key.Thumbprint, Workload = guest.Workload, ExpiresMs = until.ToUnixTimeMilliseconds() });
            return (new(own.Fencing, until, own.Slot), null);
        }

        List<StoredLease> alive = [];
        foreach (StoredLease lease in all)
        {
            if (lease.ExpiresMs > now.ToUnixTimeMilliseconds())
            {
                alive.Add(lease);
            }
            else
            {
                change.RemoveLease(resource.Path, lease.Fencing);
            }
        }

        if (alive.Count >= instances)
        {
            return (null, Problems.LeaseTaken);
        }

        int slot = Enumerable.Range(0, alive.Count + 1).First(s => alive.All(l => l.Slot != s));
        LeaseGrant given = new(change.NextFencing(resource.Path), until, slot);
        change.PutLease(new(resource.Path, given.Fencing, slot, guest.Key.Thumbprint, guest.Workload, until.ToUnixTimeMilliseconds()));
        return (given, null);
    }

    private string Audit(
        IStoreChange change, GuestSession session, AttestedGuest guest, ResourceUri resource, LeaseRequest request, LeaseGrant? grant, Problem? refusal, IReadOnlyList<RuleVerdict> verdicts) =>
        audit.Append(change, refusal is not null ? "lease-refused" : request.Seconds == 0 ? "lease-ended" : request.Fencing is null ? "leased" : "lease-renewed", json =>
        {
            AuditContent.WriteGuest(json, session, guest);
            json.WriteString("resource", resource.Path);
            json.WriteNumber("fencing", grant?.Fencing ?? request.Fencing ?? 0);
            if (refusal is not null)
            {
                json.WriteString("reason", refusal.Reason);
                ReleaseService.WriteRefusals(json, resource, verdicts);
            }
        });
}
