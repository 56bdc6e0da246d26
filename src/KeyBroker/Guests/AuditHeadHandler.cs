using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.Session.Extensions;

namespace Pavise.KeyBroker.Guests;

/// <summary>Keeps where a guest's audit stood, for the owner: a guest's audit that is shorter later was cut.</summary>
internal sealed class AuditHeadHandler(IBrokerStore store, AuditLog audit, TimeProvider clock)
{
    public async Task<ExtensionAnswer> HandleAsync(HttpContext context, GuestSession session, AttestedGuest guest, byte[] body)
    {
        AuditHead head = AuditHead.Parse(body);
        string measurement = guest.Evidence.Claims.Measurement.ToString();
        string? entry = await store.ChangeAsync(change =>
        {
            if (change.Checkpoint(head.Boot, guest.DigestText, measurement) is { } before && (head.Sequence < before.Sequence || (head.Sequence == before.Sequence && head.Head != before.Head)))
            {
                return audit.Append(change, "audit-head-refused", json =>
                {
                    AuditContent.WriteGuest(json, session, guest);
                    json.WriteString("boot", head.Boot);
                    json.WriteNumber("before", before.Sequence);
                    json.WriteNumber("sequence", head.Sequence);
                });
            }

            change.PutCheckpoint(new(head.Boot, guest.DigestText, measurement, guest.Workload, head.Sequence, head.Head, clock.GetUtcNow().ToUnixTimeMilliseconds()));
            return null;
        });
        if (entry is null)
        {
            return ExtensionAnswer.Done("{}"u8.ToArray());
        }

        audit.Announce(entry);
        return ExtensionAnswer.Refused(StatusCodes.Status409Conflict, Problems.HeadBackwards);
    }
}
