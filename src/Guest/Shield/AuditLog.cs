using System.Security.Cryptography;
using System.Text;
using Pavise.Policy;

namespace Pavise.Guest.Shield;

/// <summary>
/// Every decision, chained by SHA-256, in bounded memory. Refusals and permissions are kept apart, so that a flood of refusals folds into
/// counts and never pushes out what was permitted.
/// </summary>
internal sealed class AuditLog(TimeProvider time)
{
    /// <summary>Permitted entries kept: a pod's whole life of create, start, exec and signals; older ones are folded into the chain's head.</summary>
    public const int PermittedKept = 4096;

    /// <summary>Refusals kept one by one; beyond, they are counted by decision point and rule.</summary>
    public const int RefusedKept = 1024;

    /// <summary>Different (point, rule) pairs that are counted; rules come from the policy, so only a broken engine could make more.</summary>
    public const int FoldedKept = 1024;

    private readonly Queue<AuditEntry> permitted = new();
    private readonly Queue<AuditEntry> refused = new();
    private readonly Dictionary<(DecisionPoint Point, string Rule), ulong> folded = [];
    private readonly Lock gate = new();
    private byte[] head = new byte[SHA256.HashSizeInBytes];
    private ulong sequence;

    /// <summary>Hash over the whole history.</summary>
    public byte[] Head
    {
        get
        {
            lock (gate)
            {
                return [.. head];
            }
        }
    }

    /// <summary>Adds a decision and returns its entry.</summary>
    public AuditEntry Add(DecisionPoint point, bool isPermitted, string subject, string rule, string reason, string hint = "")
    {
        lock (gate)
        {
            sequence++;
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            string text = $"{sequence}\n{now}\n{point}\n{isPermitted}\n{subject}\n{rule}\n{reason}\n{hint}";
            head = SHA256.HashData([.. head, .. Encoding.UTF8.GetBytes(text)]);
            AuditEntry entry = new(Convert.ToHexStringLower(head.AsSpan(0, 4)), sequence, now, point, isPermitted, subject, rule, reason, hint);
            if (isPermitted)
            {
                Keep(permitted, entry, PermittedKept);
            }
            else if (Keep(refused, entry, RefusedKept) is { } oldest && (folded.Count < FoldedKept || folded.ContainsKey((oldest.Point, oldest.Rule))))
            {
                folded[(oldest.Point, oldest.Rule)] = folded.GetValueOrDefault((oldest.Point, oldest.Rule)) + 1;
            }

            return entry;
        }
    }

    /// <summary>What is kept, in order, and the counts of refusals that were folded.</summary>
    public (IReadOnlyList<AuditEntry> Entries, IReadOnlyDictionary<(DecisionPoint Point, string Rule), ulong> Folded) Snapshot()
    {
        lock (gate)
        {
            return ([.. permitted.Concat(refused).OrderBy(e => e.Sequence)], new Dictionary<(DecisionPoint, string), ulong>(folded));
        }
    }

    private static AuditEntry? Keep(Queue<AuditEntry> queue, AuditEntry entry, int most)
    {
        queue.Enqueue(entry);
        return queue.Count > most ? queue.Dequeue() : null;
    }
}
