using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Pavise.Attestation;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.Session;
using Pavise.Session.Admin;

namespace Pavise.KeyBroker.Admin;

/// <summary>What is going on: for the status page, <c>pavise kb status</c> and <c>pavise kb audit</c>.</summary>
internal sealed class StatusAdmin : IDisposable
{
    private const int MostRecent = 200, MostAuditRecords = 1000, MostGuests = 1000;

    private readonly IBrokerStore _store;
    private readonly AuditLog _audit;
    private readonly SessionTable _sessions;
    private readonly RuleBook _rules;
    private readonly TimeProvider _clock;
    private readonly ConcurrentQueue<string> _recent = new();
    private readonly DateTimeOffset _started;

    public StatusAdmin(IBrokerStore store, AuditLog audit, SessionTable sessions, RuleBook rules, TimeProvider clock)
    {
        (_store, _audit, _sessions, _rules, _clock, _started) = (store, audit, sessions, rules, clock, clock.GetUtcNow());
        _audit.Written += Keep;
    }

    public Task StatusAsync(HttpContext context, Administrator administrator)
    {
        (AuditRecord? end, int resources, IReadOnlyList<StoredCheckpoint> checkpoints) = _store.Read(v => (v.AuditEnd(), v.Resources().Count, v.Checkpoints(100)));
        return Answers.JsonAsync(context, SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("now", _clock.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteNumber("started", _started.ToUnixTimeMilliseconds());
            json.WriteNumber("resources", resources);
            json.WriteNumber("rules", _rules.All.Count);
            json.WriteNumber("sessions", _sessions.Count);
            json.WriteStartObject("audit");
            json.WriteNumber("sequence", end?.Sequence ?? 0);
            json.WriteString("head", Convert.ToHexStringLower(end?.Hash ?? AuditRecord.Beginning));
            json.WriteEndObject();
            WriteGuests(json);
            WriteCheckpoints(json, checkpoints);
            json.WriteStartArray("recent");
            foreach (string entry in _recent)
            {
                json.WriteRawValue(entry);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    /// <summary><c>?from=N&amp;most=M</c>: records with their hashes, for whoever checks the chain himself.</summary>
    public Task AuditAsync(HttpContext context, Administrator administrator)
    {
        long from = Number(context, "from", 1);
        int most = (int)Math.Clamp(Number(context, "most", 100), 1, MostAuditRecords);
        IReadOnlyList<AuditRecord> records = _store.Read(v => v.Audit(from, most));
        return Answers.JsonAsync(context, SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("records");
            foreach (AuditRecord record in records)
            {
                json.WriteStartObject();
                json.WriteNumber("seq", record.Sequence);
                json.WriteString("text", record.Text);
                json.WriteString("hash", Convert.ToHexStringLower(record.Hash));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    /// <summary>The broker checks its chain, its end under its own key too.</summary>
    public Task VerifyAsync(HttpContext context, Administrator administrator)
    {
        (string? problem, AuditRecord? end) = _audit.Verify(null);
        return Answers.JsonAsync(context, SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("intact", problem is null);
            json.WriteString("problem", problem ?? "");
            json.WriteNumber("sequence", end?.Sequence ?? 0);
            json.WriteString("head", Convert.ToHexStringLower(end?.Hash ?? AuditRecord.Beginning));
            json.WriteEndObject();
        }));
    }

    public void Dispose() => _audit.Written -= Keep;

    private void WriteGuests(Utf8JsonWriter json)
    {
        json.WriteStartArray("guests");
        foreach (GuestSession session in _sessions.AllAttested().Take(MostGuests))
        {
            if (session.Guest is { } guest)
            {
                json.WriteStartObject();
                json.WriteString("session", session.Label);
                json.WriteString("workload", guest.Workload);
                json.WriteString("tee", session.Tee.Name());
                json.WriteString("measurement", guest.Evidence.Claims.Measurement.ToString());
                json.WriteString("policy", guest.DigestText);
                json.WriteString("address", guest.Address);
                json.WriteNumber("until", session.ExpiresAt.ToUnixTimeMilliseconds());
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteCheckpoints(Utf8JsonWriter json, IReadOnlyList<StoredCheckpoint> checkpoints)
    {
        json.WriteStartArray("checkpoints");
        foreach (StoredCheckpoint checkpoint in checkpoints)
        {
            json.WriteStartObject();
            json.WriteString("boot", checkpoint.Boot);
            json.WriteString("workload", checkpoint.Workload);
            json.WriteString("policy", checkpoint.PolicyDigest);
            json.WriteString("measurement", checkpoint.Measurement);
            json.WriteNumber("sequence", checkpoint.Sequence);
            json.WriteString("head", checkpoint.Head);
            json.WriteNumber("ms", checkpoint.Ms);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Keep(string entry)
    {
        _recent.Enqueue(entry);
        while (_recent.Count > MostRecent)
        {
            _recent.TryDequeue(out _);
        }
    }

    private static long Number(HttpContext context, string name, long absent) =>
        long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : absent;
}
