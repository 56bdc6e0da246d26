using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Pavise.Boundary.HostCalls;
using Pavise.Policy.Model;

namespace Pavise.Guest.Network;

/// <summary>What an application is told of a name.</summary>
/// <param name="Exists">Whether there is such a name, as far as known.</param>
/// <param name="Addresses">Its addresses in one family.</param>
/// <param name="Seconds">How long that holds.</param>
internal sealed record ResolvedAddresses(bool Exists, ImmutableArray<IPAddress> Addresses, uint Seconds)
{
    private const uint LeastSeconds = 5;
    private const uint MostSeconds = 300;

    /// <summary>
    /// Validates an answer to net.resolve: addresses of the family that was asked for; loopback, link-local, multicast and the pod's own only where the policy
    /// itself names them; a life within limits.
    /// </summary>
    /// <returns>Null where the host could not say.</returns>
    public static ResolvedAddresses? Validate(NetAnswer answer, byte family, NetworkEntry network, PodAddresses own) => NetErrno.Allowed(NetOperation.Resolve, answer.Errno) switch
    {
        0 => new(true, [.. answer.Addresses.Where(a => a.AddressFamily == (family == 4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6))
            .Where(a => (PeerAddress.IsOrdinary(a) && !own.All.Contains(a)) || network.Egress.Any(e => e.Range is { PrefixLength: > 0 } range && range.Contains(a))).Distinct()],
            Math.Clamp(answer.Seconds, LeastSeconds, MostSeconds)),
        NetErrno.NoName => new(false, [], LeastSeconds),
        _ => null,
    };
}
