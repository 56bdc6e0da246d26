using Microsoft.Data.Sqlite;
using Pavise.Session.Admin;
using Pavise.Session.Extensions;

namespace Pavise.KeyBroker.Store.Sqlite;

/// <summary>Reads of the store.</summary>
internal class SqliteView(SqliteSession session) : IStoreView
{
    protected SqliteSession Session { get; } = session;

    public byte[]? Setting(string name) => Session.One("SELECT value FROM setting WHERE name = $1", name) as byte[];

    public StoredResource? Resource(string path) =>
        Session.Rows(r => new StoredResource(r.GetString(0), (byte[])r[1], r.GetInt64(2), r.GetInt32(3), r.GetInt64(4)), "SELECT path, sealed, version, bytes, updated FROM resource WHERE path = $1", path).FirstOrDefault();

    public IReadOnlyList<ResourceInfo> Resources() =>
        Session.Rows(r => new ResourceInfo(r.GetString(0), r.GetInt64(1), r.GetInt32(2), r.GetInt64(3)), "SELECT path, version, bytes, updated FROM resource ORDER BY path");

    public IReadOnlyList<StoredRule> Rules() => Session.Rows(r => new StoredRule(r.GetInt64(0), r.GetString(1), r.GetInt64(2)), "SELECT id, rule, created FROM rule ORDER BY id");

    public bool RuleExists(long id) => Session.Number("SELECT 1 FROM rule WHERE id = $1", id) == 1;

    public IReadOnlyList<StoredPolicy> Policies() => Session.Rows(Policy, "SELECT sha256, owner, name, version, document, signature FROM policy ORDER BY owner, name, version");

    public long PolicyVersion(string owner, string name) => Session.Number("SELECT version FROM policy_version WHERE owner = $1 AND name = $2", owner, name);

    public int ReleaseCount(string path, string subject) => (int)Session.Number("SELECT count(*) FROM released WHERE path = $1 AND subject = $2", path, subject);

    public bool ReleasedTo(string path, string subject, string key) => Session.Number("SELECT 1 FROM released WHERE path = $1 AND subject = $2 AND key = $3", path, subject, key) == 1;

    public long Counter(string path) => Session.Number("SELECT value FROM counter WHERE path = $1", path);

    public IReadOnlyList<StoredLease> Leases(string path) => Session.Rows(
        r => new StoredLease(r.GetString(0), r.GetInt64(1), r.GetInt32(2), r.GetString(3), r.GetString(4), r.GetInt64(5)),
        "SELECT path, fencing, slot, key, workload, expires FROM lease WHERE path = $1 ORDER BY fencing", path);

    public IReadOnlyList<AuditRecord> Audit(long from, int most) => Session.Rows(Record, "SELECT seq, text, hash FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2", from, (long)most);

    public AuditRecord? AuditEnd() => Session.Rows(Record, "SELECT seq, text, hash FROM audit ORDER BY seq DESC LIMIT 1").FirstOrDefault();

    public AuditHead? Checkpoint(string boot, string policyDigest, string measurement) => Session.Rows(
        r => new AuditHead(r.GetString(0), r.GetInt64(1), r.GetString(2)),
        "SELECT boot, sequence, head FROM checkpoint WHERE boot = $1 AND digest = $2 AND measurement = $3", boot, policyDigest, measurement).FirstOrDefault();

    public IReadOnlyList<StoredCheckpoint> Checkpoints(int most) => Session.Rows(
        r => new StoredCheckpoint(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.GetString(5), r.GetInt64(6)),
        "SELECT boot, digest, measurement, workload, sequence, head, at FROM checkpoint ORDER BY at DESC LIMIT $1", (long)most);

    private static StoredPolicy Policy(SqliteDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), (byte[])r[4], r.GetString(5));

    private static AuditRecord Record(SqliteDataReader r) => new(r.GetInt64(0), r.GetString(1), (byte[])r[2]);
}
