using System.Text.Json;
using Pavise.Attestation;
using Pavise.KeyBroker.Sessions;

namespace Pavise.KeyBroker.Auditing;

/// <summary>Parts of audit entries that several kinds share.</summary>
internal static class AuditContent
{
    public static void WriteGuest(Utf8JsonWriter json, GuestSession session, AttestedGuest guest)
    {
        json.WriteString("session", session.Label);
        json.WriteString("workload", guest.Workload);
        json.WriteString("tee", session.Tee.Name());
        json.WriteString("address", guest.Address);
    }

    /// <summary>All checks: passed and not-asked ones by name, refusing ones with what was expected and found.</summary>
    public static void WriteChecks(Utf8JsonWriter json, IEnumerable<Check> checks)
    {
        json.WriteStartArray("checks");
        foreach (Check check in checks)
        {
            if (!check.Refuses)
            {
                json.WriteStringValue($"{check.Name}: {VerdictJson.Name(check.Status)}");
                continue;
            }

            json.WriteStartObject();
            json.WriteString("name", check.Name);
            json.WriteString("status", VerdictJson.Name(check.Status));
            json.WriteString("expected", check.Expected);
            json.WriteString("found", check.Found);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
