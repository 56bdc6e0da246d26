using Pavise.Session.Admin;
using Pavise.Session.Extensions;

namespace Pavise.KeyBroker.Store;

/// <summary>One consistent state of the store.</summary>
internal interface IStoreView
{
    byte[]? Setting(string name);

    StoredResource? Resource(string path);

    IReadOnlyList<ResourceInfo> Resources();

    IReadOnlyList<StoredRule> Rules();

    bool RuleExists(long id);

    IReadOnlyList<StoredPolicy> Policies();

    /// <summary>The highest version of an owner's policy that was ever released to, 0 at first.</summary>
    long PolicyVersion(string owner, string name);

    /// <summary>To how many keys a resource was released under a subject.</summary>
    int ReleaseCount(string path, string subject);

    bool ReleasedTo(string path, string subject, string key);

    long Counter(string path);

    IReadOnlyList<StoredLease> Leases(string path);

    IReadOnlyList<AuditRecord> Audit(long from, int most);

    AuditRecord? AuditEnd();

    /// <summary>Where the audit of a boot stood, by the word of guests with this policy and this measurement.</summary>
    AuditHead? Checkpoint(string boot, string policyDigest, string measurement);

    IReadOnlyList<StoredCheckpoint> Checkpoints(int most);
}
