using System.Collections.Immutable;
using System.Net;

namespace Pavise.Guest.Network;

/// <summary>
/// Which names an address was given for, and until when it counts. Bounded: when it is full, what would end first goes.
/// </summary>
internal sealed class NameTable(TimeProvider time)
{
    /// <summary>Pairs of address and name that are kept.</summary>
    public const int Most = 4096;

    private static readonly TimeSpan Least = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly Dictionary<(IPAddress Address, string Name), long> until = [];
    private readonly Lock gate = new();

    /// <summary>How long an answer counts for connections: longer than a cache that obeys it, since applications hold on to addresses.</summary>
    public static TimeSpan LifeOf(uint seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, Least.TotalSeconds, Longest.TotalSeconds));

    /// <summary>Remembers an answer.</summary>
    public void Add(string name, IEnumerable<IPAddress> addresses, uint seconds)
    {
        long end = time.GetTimestamp() + (long)(LifeOf(seconds).TotalSeconds * time.TimestampFrequency);
        lock (gate)
        {
            foreach (IPAddress address in addresses)
            {
                if (until.Count >= Most && !until.ContainsKey((address, name)))
                {
                    until.Remove(until.MinBy(u => u.Value).Key);
                }

                until[(address, name)] = Math.Max(end, until.GetValueOrDefault((address, name)));
            }
        }
    }

    /// <summary>The names that count now.</summary>
    public ImmutableArray<string> NamesOf(IPAddress address)
    {
        long now = time.GetTimestamp();
        lock (gate)
        {
            return [.. until.Where(u => u.Value > now && u.Key.Address.Equals(address)).Select(u => u.Key.Name)];
        }
    }
}
