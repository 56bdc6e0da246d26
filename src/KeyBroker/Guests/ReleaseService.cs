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
internal sealed class ReleaseService(IBrokerStore store, Vault vault, AuditLog audit, RefusalBudget refusals, RuleBook rules, BrokerMetrics metrics, TimeProvider clock)
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
            Outcome[] decided = [.. resources.Select((r, i) => Decide(change, guest, r, Current(verdicts[i], change)))];
            return (decided, Audit(change, session, guest, resources, decided));
        });
        foreach (string entry in entries)
        {
            audit.Announce(entry);
        }

        int bytes = 0;
        return [.. resources.Select((r, i) => Answer(r, outcomes[i], ref bytes))];
    }

    /// <summary>The verdicts with what only the transaction knows: a rule that was removed meanwhile is gone, and one refuses a policy of which a newer version was released to.</summary>
    public static IReadOnlyList<RuleVerdict> Current(IReadOnlyList<RuleVerdict> verdicts, IStoreView view) =>
        [.. verdicts.Where(v => view.RuleExists(v.Rule.Id)).Select(v => v.Permits && Older(view, v) is { } older ? v with { Refusals = [older] } : v)];

    /// <summary>Writes which checks of which rules refused; the check <see cref="RuleAppraisal.AnyCheck"/> where there is no rule.</summary>
    public static void WriteRefusals(System.Text.Json.Utf8JsonWriter json, ResourceUri resource, IReadOnlyList<RuleVerdict> verdicts)
    {
        if (verdicts.Count == 0)
        {
            AuditContent.WriteChecks(json, [RuleAppraisal.Failed(RuleAppraisal.AnyCheck, $"a rule for {resource.Path}", "none")]);
            return;
        }

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
        List<RuleVerdict> told = [];
        Problem refusal = verdicts.Any(v => v.Refusals.Any(c => c.Name == RuleAppraisal.NewestCheck)) ? Problems.OlderPolicy : Problems.NotPermitted(verdicts);
        foreach (RuleVerdict verdict in verdicts)
        {
            if (!verdict.Permits)
            {
                told.Add(verdict);
            }
            else if (Refusing(change, guest, resource, verdict, out StoredResource? stored) is { } refusing)
            {
                refusal = refusing.Problem;
                told.Add(verdict with { Refusals = [refusing.Check] });
            }
            else
            {
                if (verdict.Signed is { } signed)
                {
                    change.SetPolicyVersion(signed.Owner, signed.Name, signed.Version);
                }

                return new(stored, verdict, null, []);
            }
        }

        return new(null, null, refusal, told);
    }

    // What a permitting rule still refuses, by the state of leases, contents and counts.
    private (Problem Problem, Check Check)? Refusing(IStoreChange change, AttestedGuest guest, ResourceUri resource, RuleVerdict verdict, out StoredResource? stored)
    {
        stored = null;
        if (verdict.Rule.Rule.Instances is not null && !HoldsLease(change, guest, resource))
        {
            return (Problems.LeaseRequired, RuleAppraisal.Failed(RuleAppraisal.LeaseCheck, "a live lease of this guest", "none"));
        }

        if (change.Resource(resource.Path) is not { } found)
        {
            return (Problems.NotFound, RuleAppraisal.Failed(RuleAppraisal.ContentCheck, $"{resource.Path}", "was never put, or deleted"));
        }

        stored = found;
        return Count(change, guest, found, verdict)
            ? null
            : (Problems.ReleasedBefore, RuleAppraisal.Failed(RuleAppraisal.ReleasesCheck, $"at most {verdict.Rule.Rule.Releases} releases to {verdict.Subject}", "as many before, to other keys"));
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

    private static Check? Older(IStoreView view, RuleVerdict verdict) =>
        verdict.Signed is { } signed && view.PolicyVersion(signed.Owner, signed.Name) is var newest && signed.Version < newest
            ? RuleAppraisal.Failed(RuleAppraisal.NewestCheck, $"at least {newest}, which was released to before", $"{signed.Version}")
            : null;

    private bool HoldsLease(IStoreView view, AttestedGuest guest, ResourceUri resource) =>
        view.Leases(resource.Path).Any(l => l.Key == guest.Key.Thumbprint && l.ExpiresMs > Now);

    private string[] Audit(IStoreChange change, GuestSession session, AttestedGuest guest, IReadOnlyList<ResourceUri> resources, Outcome[] outcomes)
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
                        json.WriteStringValue($"{resources[i].Path}#{stored.Version} by rule {outcomes[i].Permitting!.Rule.Id}");
                    }
                }

                json.WriteEndArray();

                // What nobody compared must not be taken for compared: of TDX the ACPI tables, where a rule leaves their register open.
                json.WriteStartArray("unchecked");
                foreach (string name in outcomes.SelectMany(o => o.Permitting?.Unchecked ?? []).Distinct(StringComparer.Ordinal))
                {
                    json.WriteStringValue(name);
                }

                json.WriteEndArray();
            }));
        }

        for (int i = 0; i < resources.Count; i++)
        {
            if (outcomes[i].Refusal is { } refusal && refusals.Take(session.Source, RefusalBudget.ReleasesOfOne))
            {
                int at = i;
                entries.Add(audit.Append(change, "refused", json =>
                {
                    AuditContent.WriteGuest(json, session, guest);
                    json.WriteString("resource", resources[at].Path);
                    json.WriteString("reason", refusal.Reason);
                    WriteRefusals(json, resources[at], outcomes[at].Told);
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

    private sealed record Outcome(StoredResource? Stored, RuleVerdict? Permitting, Problem? Refusal, IReadOnlyList<RuleVerdict> Told);
}
