using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Pavise.Policy;

namespace Pavise.Guest.Shield;

/// <summary>
/// Every decision, chained by SHA-256, in bounded memory. What changed something, what was only looked at, and what was refused are kept
/// apart: a flood of questions or of refusals never pushes out what was done. The chain covers the whole of each entry; what is kept of its
/// texts, parts of which the host chose, is cut.
/// </summary>
internal sealed class AuditLog(TimeProvider time)
{
    /// <summary>Entries kept of what changed something: a pod's whole life of create, start, exec and signals.</summary>
    public const int ChangesKept = 4096;

    /// <summary>Entries kept of what was only looked at: statistics, lists, waits.</summary>
    public const int LooksKept = 256;

    /// <summary>Refusals kept one by one; beyond, they are counted by decision point and rule.</summary>
    public const int RefusedKept = 1024;

    /// <summary>Different (point, rule) pairs that are counted; the rest is counted by point alone, under <see cref="OtherRules"/>.</summary>
    public const int FoldedKept = 1024;

    /// <summary>Characters kept of a text, so that all entries together stay below 20 MB.</summary>
    public const int TextKept = 512;

    /// <summary>Stands for the rules that are not counted one by one.</summary>
    public const string OtherRules = "*";

    private readonly Queue<AuditEntry> changes = new();
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

    /// <summary>Adds a decision and returns its entry.</summary>
    public AuditEntry Add(DecisionPoint point, bool isPermitted, string subject, string rule, string reason, string hint = "")
    {
        lock (gate)
        {
            sequence++;
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            head = Chain(head, sequence, now, point, isPermitted, subject, rule, reason, hint);
            AuditEntry entry = new(Convert.ToHexStringLower(head.AsSpan(0, 4)), sequence, now, point, isPermitted, Cut(subject), Cut(rule), Cut(reason), Cut(hint));
            if (!isPermitted)
            {
                if (Keep(refused, entry, RefusedKept) is { } oldest)
                {
                    Fold(oldest);
                }
            }
            else if (IsLook(point))
            {
                Keep(looks, entry, LooksKept);
            }
            else
            {
                Keep(changes, entry, ChangesKept);
            }

            return entry;
        }
    }

    /// <summary>What is kept, in order, and the counts of refusals that were folded.</summary>
    public (IReadOnlyList<AuditEntry> Entries, IReadOnlyDictionary<(DecisionPoint Point, string Rule), ulong> Folded) Snapshot()
    {
        lock (gate)
        {
            return ([.. changes.Concat(looks).Concat(refused).OrderBy(e => e.Sequence)], new Dictionary<(DecisionPoint, string), ulong>(folded));
        }
    }

    /// <summary>SHA-256 over: the head before, sequence and time (u64 little-endian), and each text in UTF-8 after its length (u32 little-endian).</summary>
    internal static byte[] Chain(byte[] before, ulong sequence, long unixMs, DecisionPoint point, bool isPermitted, params ReadOnlySpan<string> texts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(number, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(number[8..], unixMs);
        hash.AppendData(before);
        hash.AppendData(number);
        foreach (string text in (ReadOnlySpan<string>)[point.ToString(), isPermitted ? "permitted" : "refused", .. texts])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(number, bytes.Length);
            hash.AppendData(number[..4]);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    private static bool IsLook(DecisionPoint point) => point
        is DecisionPoint.WaitProcess or DecisionPoint.ListProcesses or DecisionPoint.ReadStats or DecisionPoint.SubscribeEvents or DecisionPoint.ResizeTerminal;

    private static string Cut(string text) => text.Length <= TextKept ? text : $"{text.AsSpan(0, TextKept)}…";

    private static AuditEntry? Keep(Queue<AuditEntry> queue, AuditEntry entry, int most)
    {
        queue.Enqueue(entry);
        return queue.Count > most ? queue.Dequeue() : null;
    }

    private void Fold(AuditEntry entry)
    {
        (DecisionPoint, string) key = (entry.Point, entry.Rule);
        if (folded.Count >= FoldedKept && !folded.ContainsKey(key))
        {
            key = (entry.Point, OtherRules);
        }

        folded[key] = folded.GetValueOrDefault(key) + 1;
    }
}
