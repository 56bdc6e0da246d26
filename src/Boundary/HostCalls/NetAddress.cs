using System.Net;
using System.Net.Sockets;

namespace Pavise.Boundary.HostCalls;

/// <summary>Addresses and names as they cross: a family (4 or 6) and 16 bytes.</summary>
public static class NetAddress
{
    /// <summary>Bytes of an address of either family.</summary>
    public const int Bytes = 16;

    private const int Ipv4Bytes = 4;
    private const int LabelBytes = 63;

    /// <summary>4 or 6.</summary>
    /// <exception cref="ArgumentException">The address is of no other family.</exception>
    public static byte FamilyOf(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => 4,
        AddressFamily.InterNetworkV6 when !address.IsIPv4MappedToIPv6 && address.ScopeId == 0 => 6,
        _ => throw new ArgumentException("an address is IPv4, or IPv6 without a zone", nameof(address)),
    };

    /// <summary>Reads an address; false for an unknown family, for bytes beyond an IPv4 address, and for IPv4 in IPv6's clothes.</summary>
    public static bool TryRead(byte family, ReadOnlySpan<byte> bytes, out IPAddress? address)
    {
        address = family switch
        {
            4 when !bytes[Ipv4Bytes..].ContainsAnyExcept((byte)0) => new IPAddress(bytes[..Ipv4Bytes]),
            6 => new IPAddress(bytes),
            _ => null,
        };
        if (address is { IsIPv4MappedToIPv6: true })
        {
            address = null;
        }

        return address is not null;
    }

    /// <summary>Whether a text is a domain name in lower case: labels of letters, digits, hyphens and underscores, without a final dot.</summary>
    public static bool IsName(string name)
    {
        if (name.Length is 0 or > BoundaryLimits.NetNameBytes || name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_."))
        {
            return false;
        }

        foreach (Range label in name.AsSpan().Split('.'))
        {
            if (label.End.Value - label.Start.Value is 0 or > LabelBytes)
            {
                return false;
            }
        }

        return true;
    }
}
