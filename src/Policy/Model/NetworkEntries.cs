using System.Collections.Immutable;
using System.Net;

namespace Pavise.Policy.Model;

/// <summary>A port that the world may reach.</summary>
/// <param name="Port">TCP port.</param>
/// <param name="TerminateTls">Whether the shield ends TLS with the attested key.</param>
public sealed record IngressEntry(int Port, bool TerminateTls);

/// <summary>A peer that may be reached.</summary>
/// <param name="Host">A name, <c>*.</c> and a name, an address, or a range of addresses; in lower case.</param>
/// <param name="Port">Port.</param>
/// <param name="RequireTls">Whether the shield insists on TLS.</param>
/// <param name="CaSha256Hex">Digest of the CA certificate, or empty.</param>
/// <param name="Udp">Datagrams instead of a connection.</param>
public sealed record EgressEntry(string Host, int Port, bool RequireTls, string CaSha256Hex, bool Udp)
{
    private const string Wildcard = "*.";

    /// <summary>The addresses that <see cref="Host"/> is or spans; null where it is a name.</summary>
    public IPNetwork? Range { get; init; }

    /// <summary>The addresses that the policy pins the name to: such a name is never asked for outside.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether a name, in lower case and without a final dot, is this one or below it.</summary>
    public bool IsNamed(string name) => Range is null && (name == Host
        || (Host.StartsWith(Wildcard, StringComparison.Ordinal) && name.Length > Host.Length - 1 && name.EndsWith(Host[1..], StringComparison.Ordinal)));

    /// <summary>Whether a connection to this address and port is this entry's.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="names">Names that the shield's resolver gave this address for, not long ago.</param>
    public bool Permits(IPAddress address, int port, ImmutableArray<string> names)
    {
        if (Udp || port != Port)
        {
            return false;
        }

        return Range is { } range ? range.Contains(address)
            : Addresses.IsEmpty ? names.Any(IsNamed)
            : Addresses.Contains(address);
    }
}

/// <summary>All of the network.</summary>
/// <param name="Ingress">What may come in.</param>
/// <param name="Egress">What may go out.</param>
public sealed record NetworkEntry(ImmutableArray<IngressEntry> Ingress, ImmutableArray<EgressEntry> Egress)
{
    /// <summary>Domains that a short name is looked for in, as resolv.conf has them.</summary>
    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>Whether no packet is permitted.</summary>
    public bool IsEmpty => Ingress.IsEmpty && Egress.IsEmpty;
}
