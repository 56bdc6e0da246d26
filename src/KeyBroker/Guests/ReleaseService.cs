using Pavise.Attestation;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Metrics;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.Session;
using Pavise.Session.Extensions;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>Releases resources: rules first, then one transaction that counts, keeps versions, and audits. Only what that transaction committed leaves the broker.</summary>
internal sealed class ReleaseService(IBrokerStore store, Vault vault, AuditLog audit, RuleBook rules, BrokerMetrics metrics, TimeProvider clock)
{
    /// <summary>Rules whose refusing checks an audit entry repeats.</summary>
    private const int MostRulesTold = 4;

    /// <summary>What the rules say of a guest and a resource.</summary>
    public IReadOnlyList<RuleVerdict> Appraise(AttestedGuest guest, ResourceUri resource) =>
        [.. rules.For(resource).Select(r => RuleAppraisal.Appraise(guest, r, rules))];

    /// <summary>Releases, or says why not, each resource by itself.</summary>
    public async Task<IReadOnlyList<ResourceAnswer>> ReleaseAsync(GuestSession session, AttestedGuest guest, IReadOnlyList<ResourceUri> resources)
    {
        IReadOnlyList<RuleVerdict>[] verdicts = [.. resources.Select(r => Appraise(guest, r))];
        (Outcome[] outcomes, string[] entries) = await store.ChangeAsync(change =>
        {
            Outcome[] decided = [.. resources.Select((r, i) => Decide(change, guest, r, verdicts[i]))];
            return (decided, Audit(change, session, guest, resources, verdicts, decided));
        });
        foreach (string entry in entries)
        {
            audit.Announce(entry);
        }

        int bytes = 0;
        return [.. resources.Select((r, i) => Answer(r, outcomes[i], ref bytes))];
    }

    /// <summary>Whether a rule lets this guest use the counter or lease that a resource names.</summary>
    public RuleVerdict? Permitting(IReadOnlyList<RuleVerdict> verdicts, IStoreView view) =>
        verdicts.FirstOrDefault(v => v.Permits && view.RuleExists(v.Rule.Id) && !IsOlder(view, v));

    /// <summary>Writes which checks of which rules refused.</summary>
    public static void WriteRefusals(System.Text.Json.Utf8JsonWriter json, IReadOnlyList<RuleVerdict> verdicts)
    {
        json.WriteStartArray("rules");
        foreach (RuleVerdict verdict in verdicts.Where(v => !v.Permits).Take(MostRulesTold))
        {
            json.WriteStartObject();
            json.WriteNumber("rule", verdict.Rule.Id);
            AuditContent.WriteChecks(json, verdict.Refusals);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private Outcome Decide(IStoreChange change, AttestedGuest guest, ResourceUri resource, IReadOnlyList<RuleVerdict> verdicts)
    {
        Problem refusal = Problems.NotPermitted(verdicts);
        foreach (RuleVerdict verdict in verdicts.Where(v => v.Permits && change.RuleExists(v.Rule.Id)))
        {
            if (IsOlder(change, verdict))
            {
                refusal = Problems.OlderPolicy;
            }
            else if (verdict.Rule.Rule.Instances is not null && !HoldsLease(change, guest, resource))
            {
                refusal = Problems.LeaseRequired;
            }
            else if (change.Resource(resource.Path) is not { } stored)
            {
                refusal = Problems.NotFound;
            }
            else if (!Count(change, guest, stored, verdict))
            {
                refusal = Problems.ReleasedBefore;
            }
            else
            {
                if (verdict.Signed is { } signed)
                {
                    change.SetPolicyVersion(signed.Owner, signed.Name, signed.Version);
                }

                return new(stored, verdict.Rule.Id, null);
            }
        }

        return new(null, 0, refusal);
    }

    // Counted for a content: what the owner puts anew is released anew. Again to the same key is the same release: only that key can read it.
    private bool Count(IStoreChange change, AttestedGuest guest, StoredResource stored, RuleVerdict verdict)
    {
        string content = ResourcePurpose.Of(stored.Path, stored.Version);
        if (verdict.Rule.Rule.Releases is not { } most || change.ReleasedTo(content, verdict.Subject, guest.Key.Thumbprint))
        {
            return true;
        }

        if (change.ReleaseCount(content, verdict.Subject) >= most)
        {
            return false;
        }

        change.AddRelease(content, verdict.Subject, guest.Key.Thumbprint, Now);
        return true;
    }

    private static bool IsOlder(IStoreView view, RuleVerdict verdict) =>
        verdict.Signed is { } signed && signed.Version < view.PolicyVersion(signed.Owner, signed.Name);

    private bool HoldsLease(IStoreView view, AttestedGuest guest, ResourceUri resource) =>
        view.Leases(resource.Path).Any(l => l.Key == guest.Key.Thumbprint && l.ExpiresMs > Now);

    private string[] Audit(IStoreChange change, GuestSession session, AttestedGuest guest, IReadOnlyList<ResourceUri> resources, IReadOnlyList<RuleVerdict>[] verdicts, Outcome[] outcomes)
    {
        List<string> entries = [];
        if (outcomes.Any(o => o.Refusal is null))
        {
            entries.Add(audit.Append(change, "released", json =>
            {
                AuditContent.WriteGuest(json, session, guest);
                json.WriteStartArray("resources");
                for (int i = 0; i < resources.Count; i++)
                {
                    if (outcomes[i].Stored is { } stored)
                    {
                        json.WriteStringValue($"{resources[i].Path}#{stored.Version} by rule {outcomes[i].Rule}");
                    }
                }

                json.WriteEndArray();
            }));
        }

        for (int i = 0; i < resources.Count; i++)
        {
            if (outcomes[i].Refusal is { } refusal)
            {
                int at = i;
                entries.Add(audit.Append(change, "refused", json =>
                {
                    AuditContent.WriteGuest(json, session, guest);
                    json.WriteString("resource", resources[at].Path);
                    json.WriteString("reason", refusal.Reason);
                    WriteRefusals(json, verdicts[at]);
                }));
            }
        }

        return [.. entries];
    }

    private ResourceAnswer Answer(ResourceUri resource, Outcome outcome, ref int bytes)
    {
        metrics.Released(outcome.Refusal?.Reason);
        if (outcome.Stored is not { } stored)
        {
            return new(resource, null, outcome.Refusal);
        }

        bytes += stored.Bytes;
        return bytes <= SessionLimits.BatchBytes
            ? new(resource, vault.Open(ResourcePurpose.Of(stored.Path, stored.Version), stored.Sealed), null)
            : new(resource, null, Problems.BatchTooLarge);
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Outcome(StoredResource? Stored, long Rule, Problem? Refusal);
}
