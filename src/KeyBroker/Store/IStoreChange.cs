using Pavise.Session.Admin;

namespace Pavise.KeyBroker.Store;

/// <summary>A transaction of the store.</summary>
internal interface IStoreChange : IStoreView
{
    void SetSetting(string name, ReadOnlySpan<byte> value);

    void PutResource(StoredResource resource);

    bool DeleteResource(string path);

    long AddRule(string resource, string rule, long createdMs);

    bool RemoveRule(long id);

    void PutPolicy(StoredPolicy policy);

    void SetPolicyVersion(string owner, string name, long version);

    void AddRelease(string path, string subject, string key, long ms);

    void SetCounter(string path, long value, long ms);

    /// <summary>The next fencing number of a resource; never given twice.</summary>
    long NextFencing(string path);

    void PutLease(StoredLease lease);

    bool RemoveLease(string path, long fencing);

    void AppendAudit(AuditRecord record);

    void PutCheckpoint(StoredCheckpoint checkpoint);
}
