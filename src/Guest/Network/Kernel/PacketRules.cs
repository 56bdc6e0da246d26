using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pavise.Policy.Model;

namespace Pavise.Guest.Network.Kernel;

/// <summary>
/// The packet rules of a policy, in the language of <c>nft</c>: what no rule can permit is rejected at once, connections that may be permitted are led to the
/// shield, names are asked of the shield's resolver. They decide nothing in the end: the shield does, for each connection; they make an application's
/// <c>connect</c> fail where it should.
/// </summary>
internal static class PacketRules
{
    /// <summary>Where redirected connections arrive.</summary>
    public const int RedirectPort = 64917;

    /// <summary>Where the resolver hears.</summary>
    public const int ResolverPort = 64918;

    /// <summary>The table.</summary>
    public const string Table = "pavise";

    /// <summary>Set of IPv4 addresses of permitted names, with ports.</summary>
    public const string Named4 = "named4";

    /// <summary>Set of IPv6 addresses of permitted names, with ports.</summary>
    public const string Named6 = "named6";

    /// <summary>What the containers' resolv.conf names; the rules lead it to <see cref="ResolverPort"/>.</summary>
    public static readonly IPAddress Resolver = IPAddress.Parse("127.0.0.53");

    /// <summary>Most elements of a set of names.</summary>
    public const int MostNamed = 8192;

    /// <summary>Writes the rules.</summary>
    /// <param name="network">The policy's network.</param>
    /// <param name="own">The pod's addresses.</param>
    public static string Write(NetworkEntry network, IEnumerable<IPAddress> own)
    {
        IPAddress[] addresses = [.. own];
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"table inet {Table} {{\n");
        text.Append(CultureInfo.InvariantCulture, $"  set {Named4} {{ type ipv4_addr . inet_service; flags timeout; size {MostNamed}; }}\n");
        text.Append(CultureInfo.InvariantCulture, $"  set {Named6} {{ type ipv6_addr . inet_service; flags timeout; size {MostNamed}; }}\n");
        text.Append("  chain lead {\n    type nat hook output priority -100;\n");
        text.Append(CultureInfo.InvariantCulture, $"    meta mark {PodInterface.Mark} return\n");
        text.Append(CultureInfo.InvariantCulture, $"    ip daddr {Resolver} meta l4proto {{ tcp, udp }} th dport 53 redirect to :{ResolverPort}\n");
        AppendOwn(text, addresses, "return");
        foreach (string destination in network.Egress.Where(e => !e.Udp).SelectMany(Destinations).Distinct(StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"    {destination} redirect to :{RedirectPort}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"    ip daddr . tcp dport @{Named4} redirect to :{RedirectPort}\n    ip6 daddr . tcp dport @{Named6} redirect to :{RedirectPort}\n");
        text.Append("  }\n  chain end {\n    type filter hook output priority 0;\n");
        text.Append(CultureInfo.InvariantCulture, $"    meta mark {PodInterface.Mark} accept\n");
        AppendOwn(text, addresses, "accept");
        text.Append("    meta l4proto tcp reject with tcp reset\n");
        text.Append("    meta l4proto udp reject with icmpx port-unreachable\n");
        text.Append("    reject with icmpx admin-prohibited\n  }\n}\n");
        return text.ToString();
    }

    /// <summary>What stays in the pod.</summary>
    private static void AppendOwn(StringBuilder text, IPAddress[] addresses, string verdict)
    {
        text.Append(CultureInfo.InvariantCulture, $"    ip daddr 127.0.0.0/8 {verdict}\n    ip6 daddr ::1 {verdict}\n");
        foreach (IPAddress address in addresses)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {(address.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6")} daddr {address} {verdict}\n");
        }
    }

    private static IEnumerable<string> Destinations(EgressEntry entry)
    {
        IEnumerable<IPNetwork> ranges = entry.Range is { } range ? [range] : entry.Addresses.Select(a => new IPNetwork(a, a.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
        foreach (IPNetwork r in ranges)
        {
            string family = r.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6";
            string protocol = r.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? "ipv4" : "ipv6";
            yield return r.PrefixLength == 0
                ? string.Create(CultureInfo.InvariantCulture, $"meta nfproto {protocol} tcp dport {entry.Port}")
                : string.Create(CultureInfo.InvariantCulture, $"{family} daddr {r.BaseAddress}/{r.PrefixLength} tcp dport {entry.Port}");
        }
    }
}
