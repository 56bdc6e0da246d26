using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.Session;
using Pavise.Session.Extensions;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>Freshness counters: they only grow, from exactly the value that the guest knows. So a volume that was rolled back, or two that grew apart, show.</summary>
internal sealed class CounterHandler(IBrokerStore store, ReleaseService releases, AuditLog audit, TimeProvider clock)
{
    public async Task<ExtensionAnswer> HandleAsync(HttpContext context, GuestSession session, AttestedGuest guest, byte[] body)
    {
        ResourceUri resource = Requests.Resource(context);
        CounterRequest request = CounterRequest.Parse(body);
        IReadOnlyList<RuleVerdict> verdicts = releases.Appraise(guest, resource);
        (ExtensionAnswer answer, string? entry) = await store.ChangeAsync(change =>
        {
            long current = change.Counter(resource.Path);
            IReadOnlyList<RuleVerdict> told = ReleaseService.Current(verdicts, change);
            Problem? refusal = !told.Any(v => v.Permits) ? Problems.NotPermitted(told)
                : request.Value is not { } value ? null
                : request.Expected != current ? Problems.CounterConflict
                : value <= current ? Problems.CounterBackwards
                : null;
            if (refusal is not null)
            {
                return Refuse(change, session, guest, resource, request, current, refusal, told);
            }

            if (request.Value is not { } next)
            {
                return (ExtensionAnswer.Done(CounterRequest.WriteAnswer(current)), null);
            }

            change.SetCounter(resource.Path, next, clock.GetUtcNow().ToUnixTimeMilliseconds());
            return (ExtensionAnswer.Done(CounterRequest.WriteAnswer(next)), (string?)null);
        });
        if (entry is not null)
        {
            audit.Announce(entry);
        }

        return answer;
    }

    private (ExtensionAnswer, string?) Refuse(
        IStoreChange change, GuestSession session, AttestedGuest guest, ResourceUri resource, CounterRequest request, long current, Problem refusal, IReadOnlyList<RuleVerdict> verdicts)
    {
        string entry = audit.Append(change, "counter-refused", json =>
        {
            AuditContent.WriteGuest(json, session, guest);
            json.WriteString("resource", resource.Path);
            json.WriteString("reason", refusal.Reason);
            json.WriteNumber("current", current);
            json.WriteNumber("expected", request.Expected ?? -1);
            json.WriteNumber("value", request.Value ?? -1);
            ReleaseService.WriteRefusals(json, resource, verdicts);
        });
        int status = refusal == Problems.CounterConflict || refusal == Problems.CounterBackwards ? StatusCodes.Status409Conflict : StatusCodes.Status403Forbidden;
        return (ExtensionAnswer.Refused(status, refusal), entry);
    }
}
