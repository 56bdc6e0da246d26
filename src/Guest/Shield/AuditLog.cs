using System.Security.Cryptography;
using Pavise.Policy;
using Pavise.Session.Protocol;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Shield;

/// <summary>
/// Every decision, chained by SHA-256, in bounded memory. What was done, what the host may do over and over without leaving anything behind, what was only
/// looked at, and what was refused are kept apart: a flood of one never pushes out another. What is pushed out is counted. The chain covers the whole of each
/// entry; what is kept of its texts, parts of which the host chose, is cut.
/// </summary>
internal sealed class AuditLog(TimeProvider time)
{
    /// <summary>Entries kept of what was done: a pod's whole life of create, start, exec.</summary>
    public const int DeedsKept = 4096;

    /// <summary>Entries kept of what can be repeated at will: clock, streams, signals, freezing, limits.</summary>
    public const int RepeatsKept = 1024;

    /// <summary>Entries kept of what was only looked at: statistics, lists, waits.</summary>
    public const int LooksKept = 256;

    /// <summary>Refusals kept one by one; beyond, they are counted by decision point and rule, as permissions beyond theirs are by decision point.</summary>
    public const int RefusedKept = 1024;

    /// <summary>Different (point, rule) pairs that are counted; the rest is counted by point alone, under <see cref="OtherRules"/>.</summary>
    public const int FoldedKept = 1024;

    /// <summary>Characters kept of a text, so that all entries together stay below 20 MB.</summary>
    public const int TextKept = 512;

    /// <summary>Stands for the rules that are not counted one by one.</summary>
    public const string OtherRules = "*";

    /// <summary>Stands in the place of a rule where permissions are counted.</summary>
    public const string Permissions = "permitted";

    private readonly Queue<AuditEntry> deeds = new();
    private readonly Queue<AuditEntry> repeats = new();
    private readonly Queue<AuditEntry> looks = new();
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

    /// <summary>Where the audit stands, as the key broker keeps it.</summary>
    /// <param name="boot">Names this boot.</param>
    public AuditHead HeadOf(string boot)
    {
        lock (gate)
        {
            return new(boot, (long)sequence, Convert.ToHexStringLower(head));
        }
    }

    /// <summary>Adds a decision and returns its entry.</summary>
    public AuditEntry Add(DecisionPoint point, bool isPermitted, string subject, string rule, string reason, string hint = "")
    {
        lock (gate)
        {
            sequence++;
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            byte[] before = head;
            head = Chain(head, sequence, now, point, isPermitted, subject, rule, reason, hint);
            AuditEntry entry = new(Convert.ToHexStringLower(head.AsSpan(0, 4)), sequence, now, point, isPermitted, Cut(subject), Cut(rule), Cut(reason), Cut(hint))
            {
                Before = before,
                After = head,
                IsCut = Math.Max(Math.Max(subject.Length, rule.Length), Math.Max(reason.Length, hint.Length)) > TextKept,
            };
            (Queue<AuditEntry> kept, int most) = (isPermitted, point) switch
            {
                (false, _) => (refused, RefusedKept),
                _ when IsLook(point) => (looks, LooksKept),
                _ when IsRepeatable(point) => (repeats, RepeatsKept),
                _ => (deeds, DeedsKept),
            };
            kept.Enqueue(entry);
            if (kept.Count > most)
            {
                Fold(kept.Dequeue());
            }

            return entry;
        }
    }

    /// <summary>What is kept, in order, and the counts of what is not kept any more.</summary>
    public AuditSnapshot Snapshot()
    {
        lock (gate)
        {
            return new([.. deeds.Concat(repeats).Concat(looks).Concat(refused).OrderBy(e => e.Sequence)], new Dictionary<(DecisionPoint, string), ulong>(folded), [.. head], sequence);
        }
    }

    /// <summary>SHA-256 over: the head before, sequence and time (u64 little-endian), and each text in UTF-8 after its length (u32 little-endian).</summary>
    internal static byte[] Chain(byte[] before, ulong sequence, long unixMs, DecisionPoint point, bool isPermitted, params ReadOnlySpan<string> texts) =>
        AuditChain.Next(before, sequence, unixMs, [point.ToString(), isPermitted ? "permitted" : "refused", .. texts]);

    private static bool IsLook(DecisionPoint point) => point
        is DecisionPoint.WaitProcess or DecisionPoint.ListProcesses or DecisionPoint.ReadStats or DecisionPoint.SubscribeEvents or DecisionPoint.ResizeTerminal;

    private static bool IsRepeatable(DecisionPoint point) => point
        is DecisionPoint.SetClock or DecisionPoint.OpenStream or DecisionPoint.CloseStdin or DecisionPoint.SignalProcess
        or DecisionPoint.PauseContainer or DecisionPoint.ResumeContainer or DecisionPoint.UpdateResources
        or DecisionPoint.NetConnect or DecisionPoint.NetAccept or DecisionPoint.NetResolve;

    private static string Cut(string text) => text.Length <= TextKept ? text : $"{text.AsSpan(0, TextKept)}…";

    private void Fold(AuditEntry entry)
    {
        (DecisionPoint, string) key = (entry.Point, entry.Permitted ? Permissions : entry.Rule);
        if (folded.Count >= FoldedKept && !folded.ContainsKey(key))
        {
            key = (entry.Point, OtherRules);
        }

        folded[key] = folded.GetValueOrDefault(key) + 1;
    }
}
