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
internal sealed record AuditEntry(string Id, ulong Sequence, long UnixMs, DecisionPoint Point, bool Permitted, string Subject, string Rule, string Reason, string Hint);
