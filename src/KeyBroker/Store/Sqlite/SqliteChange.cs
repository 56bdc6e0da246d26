using Pavise.Session.Admin;

namespace Pavise.KeyBroker.Store.Sqlite;

/// <summary>Writes of the store, inside the writer's transaction.</summary>
internal sealed class SqliteChange(SqliteSession session) : SqliteView(session), IStoreChange
{
    public void SetSetting(string name, ReadOnlySpan<byte> value) =>
        Session.Run("INSERT INTO setting(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = excluded.value", name, value.ToArray());

    public void PutResource(StoredResource resource) => Session.Run(
        """
        INSERT INTO resource(path, sealed, version, bytes, updated) VALUES($1, $2, $3, $4, $5)
        ON CONFLICT(path) DO UPDATE SET sealed = excluded.sealed, version = excluded.version, bytes = excluded.bytes, updated = excluded.updated
        """,
        resource.Path, resource.Sealed, resource.Version, (long)resource.Bytes, resource.UpdatedMs);

    public bool DeleteResource(string path) => Session.Run("DELETE FROM resource WHERE path = $1", path) == 1;

    public long AddRule(string resource, string rule, long createdMs)
    {
        Session.Run("INSERT INTO rule(resource, rule, created) VALUES($1, $2, $3)", resource, rule, createdMs);
        return Session.Number("SELECT last_insert_rowid()");
    }

    public bool RemoveRule(long id) => Session.Run("DELETE FROM rule WHERE id = $1", id) == 1;

    public void PutPolicy(StoredPolicy policy) => Session.Run(
        "INSERT INTO policy(sha256, owner, name, version, document, signature) VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(sha256, owner) DO UPDATE SET signature = excluded.signature",
        policy.Sha256, policy.Owner, policy.Name, policy.Version, policy.Document, policy.Signature);

    public void SetPolicyVersion(string owner, string name, long version) => Session.Run(
        "INSERT INTO policy_version(owner, name, version) VALUES($1, $2, $3) ON CONFLICT(owner, name) DO UPDATE SET version = max(version, excluded.version)", owner, name, version);

    public void AddRelease(string path, string subject, string key, long ms) => Session.Run("INSERT INTO released(path, subject, key, at) VALUES($1, $2, $3, $4)", path, subject, key, ms);

    public void SetCounter(string path, long value, long ms) => Session.Run(
        "INSERT INTO counter(path, value, updated) VALUES($1, $2, $3) ON CONFLICT(path) DO UPDATE SET value = max(value, excluded.value), updated = excluded.updated", path, value, ms);

    public long NextFencing(string path) => Session.Number("INSERT INTO fencing(path, last) VALUES($1, 1) ON CONFLICT(path) DO UPDATE SET last = last + 1 RETURNING last", path);

    public void PutLease(StoredLease lease) => Session.Run(
        """
        INSERT INTO lease(path, fencing, slot, key, workload, expires) VALUES($1, $2, $3, $4, $5, $6)
        ON CONFLICT(path, fencing) DO UPDATE SET key = excluded.key, workload = excluded.workload, expires = excluded.expires
        """,
        lease.Path, lease.Fencing, (long)lease.Slot, lease.Key, lease.Workload, lease.ExpiresMs);

    public bool RemoveLease(string path, long fencing) => Session.Run("DELETE FROM lease WHERE path = $1 AND fencing = $2", path, fencing) == 1;

    public void AppendAudit(AuditRecord record) => Session.Run("INSERT INTO audit(seq, text, hash) VALUES($1, $2, $3)", record.Sequence, record.Text, record.Hash);

    public void PutCheckpoint(StoredCheckpoint checkpoint) => Session.Run(
        """
        INSERT INTO checkpoint(boot, digest, measurement, workload, sequence, head, at) VALUES($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT(boot, digest, measurement) DO UPDATE SET sequence = excluded.sequence, head = excluded.head, at = excluded.at
        """,
        checkpoint.Boot, checkpoint.PolicyDigest, checkpoint.Measurement, checkpoint.Workload, checkpoint.Sequence, checkpoint.Head, checkpoint.Ms);
}
