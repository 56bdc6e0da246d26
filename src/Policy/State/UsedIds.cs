using System.Collections.Immutable;

namespace Pavise.Policy.State;

/// <summary>
/// Every id that was used in this boot, immutable, in 8 bytes each: a hash of the id. Two ids with one hash make a refusal, never a permission,
/// so the hash needs no secrecy. Sorted runs whose lengths grow by powers of two: a look-up takes few searches, an addition copies little.
/// </summary>
internal sealed class UsedIds
{
    private readonly ImmutableList<ulong[]> runs;

    private UsedIds(ImmutableList<ulong[]> runs, int count) => (this.runs, Count) = (runs, count);

    public static UsedIds None { get; } = new([], 0);

    public int Count { get; }

    public bool Contains(string kind, string container, string id)
    {
        ulong hash = Hash(kind, container, id);
        foreach (ulong[] run in runs)
        {
            if (Array.BinarySearch(run, hash) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    public UsedIds Add(string kind, string container, string id)
    {
        ulong[] last = [Hash(kind, container, id)];
        ImmutableList<ulong[]> rest = runs;
        while (rest.Count > 0 && rest[^1].Length <= last.Length)
        {
            last = [.. rest[^1], .. last];
            rest = rest.RemoveAt(rest.Count - 1);
        }

        Array.Sort(last);
        return new(rest.Add(last), Count + 1);
    }

    // FNV-1a, 64 bits, over the three texts with a separator that no id holds.
    private static ulong Hash(string kind, string container, string id)
    {
        ulong hash = 14695981039346656037;
        Mix(ref hash, kind);
        Mix(ref hash, container);
        Mix(ref hash, id);
        return hash;

        static void Mix(ref ulong hash, string text)
        {
            foreach (char c in text)
            {
                hash = (hash ^ c) * 1099511628211;
            }

            hash = (hash ^ '/') * 1099511628211;
        }
    }
}
