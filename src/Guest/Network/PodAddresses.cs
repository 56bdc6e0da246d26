using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Pavise.Policy.Model;

namespace Pavise.Guest.Network;

/// <summary>The addresses that the pod's applications see as theirs. The host names them; they decide nothing.</summary>
/// <param name="All">Each once; the first of a family is the source of connections.</param>
internal sealed record PodAddresses(ImmutableArray<IPAddress> All)
{
    /// <summary>Used where the host names no IPv4 address: for documentation only (RFC 5737), nobody's.</summary>
    public static readonly IPAddress Default4 = IPAddress.Parse("192.0.2.1");

    /// <summary>The same for IPv6 (RFC 3849), where the policy has IPv6 destinations.</summary>
    public static readonly IPAddress Default6 = IPAddress.Parse("2001:db8::1");

    /// <summary>The first of each family.</summary>
    public IEnumerable<IPAddress> First => All.GroupBy(a => a.AddressFamily).Select(g => g.First());

    /// <summary>The pod's address in a family; null where it has none.</summary>
    public IPAddress? Of(AddressFamily family) => All.FirstOrDefault(a => a.AddressFamily == family);

    /// <summary>
    /// Takes what the host says: global unicast addresses that the policy does not name as a peer's. What remains open gets a default.
    /// </summary>
    public static PodAddresses Validated(IReadOnlyList<IPAddress> told, NetworkEntry network)
    {
        List<IPAddress> all = [.. told.Where(a => PeerAddress.IsOrdinary(a) && !network.Egress.Any(e => IsPeer(e, a))).Distinct()];
        if (!all.Any(a => a.AddressFamily == AddressFamily.InterNetwork))
        {
            all.Insert(0, Default4);
        }

        if (!all.Any(a => a.AddressFamily == AddressFamily.InterNetworkV6)
            && network.Egress.Any(e => e.Range is { BaseAddress.AddressFamily: AddressFamily.InterNetworkV6 } || e.Addresses.Any(a => a.AddressFamily == AddressFamily.InterNetworkV6)))
        {
            all.Add(Default6);
        }

        return new([.. all]);
    }

    /// <summary>Whether an address alone, not one of a range, is what the policy permits to reach.</summary>
    private static bool IsPeer(EgressEntry entry, IPAddress address) =>
        entry.Addresses.Contains(address) || (entry.Range is { } range && range.PrefixLength == address.GetAddressBytes().Length * 8 && range.Contains(address));
}
