using System.Net;
using System.Net.Sockets;

namespace Pavise.KeyBroker.Http;

/// <summary>Who asks, for limits: an IPv4 address, or an IPv6 network of 64 bits, since whoever has one address of it has them all.</summary>
internal static class Source
{
    private const int NetworkBytes = 8;

    public static string Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    internal static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, NetworkBytes)) : address.ToString();
    }
}
