namespace Pavise.KeyBroker.Store;

/// <summary>A secret at rest.</summary>
internal sealed record StoredResource(string Path, byte[] Sealed, long Version, int Bytes, long UpdatedMs);

/// <summary>What a list says of a secret.</summary>
internal sealed record ResourceInfo(string Path, long Version, int Bytes, long UpdatedMs);

/// <summary>A release rule in its JSON form.</summary>
internal sealed record StoredRule(long Id, string Rule, long CreatedMs);

/// <summary>A policy that an owner signed.</summary>
internal sealed record StoredPolicy(string Sha256, string Owner, string Name, long Version, byte[] Document, string Signature);

/// <summary>A lease. <see cref="Key"/> is the thumbprint of the exchange key that holds it.</summary>
internal sealed record StoredLease(string Path, long Fencing, int Slot, string Key, string Workload, long ExpiresMs);

/// <summary>Where a guest's audit stood. Every attested guest may say so of any boot: whose word it is, policy and measurement tell.</summary>
internal sealed record StoredCheckpoint(string Boot, string PolicyDigest, string Measurement, string Workload, long Sequence, string Head, long Ms);
