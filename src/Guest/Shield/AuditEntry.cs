using Pavise.Policy;

namespace Pavise.Guest.Shield;

/// <summary>One decision as the owner reads it.</summary>
/// <param name="Id">What the host was told: 8 hexadecimal digits.</param>
/// <param name="Sequence">Position in the chain, from 1.</param>
/// <param name="UnixMs">When, by the guest's clock.</param>
/// <param name="Point">Decision point.</param>
/// <param name="Permitted">Outcome.</param>
/// <param name="Subject">Container and exec concerned.</param>
/// <param name="Rule">Rule that decided.</param>
/// <param name="Reason">Why, or what was dropped on the way.</param>
/// <param name="Hint">What would permit it.</param>
internal sealed record AuditEntry(string Id, ulong Sequence, long UnixMs, DecisionPoint Point, bool Permitted, string Subject, string Rule, string Reason, string Hint)
{
    /// <summary>The chain before it.</summary>
    public byte[] Before { get; init; } = [];

    /// <summary>The chain after it.</summary>
    public byte[] After { get; init; } = [];

    /// <summary>Whether a text was shortened, so that the entry cannot be hashed again.</summary>
    public bool IsCut { get; init; }
}

/// <summary>The audit at one moment.</summary>
/// <param name="Entries">What is kept, in order.</param>
/// <param name="Folded">Counts of what is not kept any more.</param>
/// <param name="Head">Hash over the whole history.</param>
/// <param name="Sequence">How many decisions there were.</param>
internal sealed record AuditSnapshot(IReadOnlyList<AuditEntry> Entries, IReadOnlyDictionary<(DecisionPoint Point, string Rule), ulong> Folded, byte[] Head, ulong Sequence);
