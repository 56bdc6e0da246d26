using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Pavise.Boundary.HostCalls;

namespace Pavise.Guest.Network;

/// <summary>A connection that came, as the application sees it.</summary>
/// <param name="Peer">Where it came from; the port is 0 where the kernel is to choose.</param>
/// <param name="Destination">The application's address.</param>
internal sealed record AcceptedPeer(IPEndPoint Peer, IPAddress Destination);

/// <summary>
/// What is believed of a peer's address: nothing. An application sees it as it sees any peer's; but never one by which it might take a stranger for
/// itself: loopback, its own, and those that are nobody's become a stand-in.
/// </summary>
internal static class PeerAddress
{
    /// <summary>Stands for an IPv4 peer that the host does not name sensibly (RFC 7600: the dummy address).</summary>
    public static readonly IPAddress Unknown4 = IPAddress.Parse("192.0.0.8");

    /// <summary>The same for IPv6 (RFC 6666: discard only).</summary>
    public static readonly IPAddress Unknown6 = IPAddress.Parse("100::8");

    private const int Ipv4Multicast = 224;

    /// <summary>Whether an address is some single host's beyond this link.</summary>
    public static bool IsOrdinary(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.IPv6Any) && address is { IsIPv6LinkLocal: false, IsIPv6Multicast: false, IsIPv4MappedToIPv6: false, IsIPv6SiteLocal: false, ScopeId: 0 };
        }

        byte[] bytes = address.GetAddressBytes();
        return bytes[0] is not (0 or 127) && bytes[0] < Ipv4Multicast && !(bytes[0] == 169 && bytes[1] == 254);
    }

    /// <summary>Validates an answer to net.accept.</summary>
    /// <param name="answer">The host's.</param>
    /// <param name="own">The pod's addresses.</param>
    /// <returns>Null where the host refuses, or names no address that can be served.</returns>
    public static AcceptedPeer? Validate(NetAnswer answer, PodAddresses own)
    {
        if (answer.Errno != 0 || answer.Addresses is not [var peer, var local])
        {
            return null;
        }

        // What came to the pod's loopback (a forwarded port) goes to the application's; everything else to its address.
        IPAddress? destination = !IPAddress.IsLoopback(local) ? own.Of(peer.AddressFamily)
            : peer.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        if (destination is null)
        {
            return null;
        }

        bool known = IsOrdinary(peer) && !own.All.Contains(peer) && answer.PeerPort > 0;
        return new(known ? new IPEndPoint(peer, answer.PeerPort) : new IPEndPoint(peer.AddressFamily == AddressFamily.InterNetwork ? Unknown4 : Unknown6, 0), destination);
    }
}
