namespace Pavise.KeyBroker.Store.Sqlite;

/// <summary>The schema, step by step; a step that was released is never changed. <c>PRAGMA user_version</c> says how many were taken.</summary>
internal static class Migrations
{
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE setting(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE resource(path TEXT PRIMARY KEY, sealed BLOB NOT NULL, version INTEGER NOT NULL, bytes INTEGER NOT NULL, updated INTEGER NOT NULL);
        CREATE TABLE rule(id INTEGER PRIMARY KEY AUTOINCREMENT, resource TEXT NOT NULL, rule TEXT NOT NULL, created INTEGER NOT NULL);
        CREATE TABLE policy(sha256 TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, document BLOB NOT NULL, signature TEXT NOT NULL,
            PRIMARY KEY(sha256, owner));
        CREATE TABLE policy_version(owner TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY(owner, name)) WITHOUT ROWID;
        CREATE TABLE released(path TEXT NOT NULL, subject TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(path, subject, key)) WITHOUT ROWID;
        CREATE TABLE counter(path TEXT PRIMARY KEY, value INTEGER NOT NULL, updated INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE fencing(path TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE lease(path TEXT NOT NULL, fencing INTEGER NOT NULL, slot INTEGER NOT NULL, key TEXT NOT NULL, workload TEXT NOT NULL, expires INTEGER NOT NULL,
            PRIMARY KEY(path, fencing), UNIQUE(path, slot)) WITHOUT ROWID;
        CREATE TABLE audit(seq INTEGER PRIMARY KEY, text TEXT NOT NULL, hash BLOB NOT NULL);
        CREATE TABLE checkpoint(boot TEXT PRIMARY KEY, digest TEXT NOT NULL, workload TEXT NOT NULL, sequence INTEGER NOT NULL, head TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        """,
        """
        DROP TABLE checkpoint;
        CREATE TABLE checkpoint(boot TEXT NOT NULL, digest TEXT NOT NULL, measurement TEXT NOT NULL, workload TEXT NOT NULL, sequence INTEGER NOT NULL, head TEXT NOT NULL,
            at INTEGER NOT NULL, PRIMARY KEY(boot, digest, measurement)) WITHOUT ROWID;
        """,
    ];
}
