using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Network.Kernel;

/// <summary>
/// What an application expects to see: an interface <c>eth0</c> with the pod's addresses and a route to everywhere. No packet leaves through it: the packet
/// rules end every connection before, here or at the shield.
/// </summary>
internal sealed class PodInterface(string procSys = "/proc/sys")
{
    /// <summary>Name of the interface.</summary>
    public const string Name = "eth0";

    /// <summary>Mark of the shield's own packets to applications, and of their answers.</summary>
    public const int Mark = 0x7076;

    // rtnetlink(7), if_addr.h, rtnetlink.h, fib_rules.h of Linux 6.1.
    private const ushort SetLink = 19, NewAddress = 20, NewRoute = 24, NewRule = 32;
    private const byte InterfaceUp = 1;
    private const byte NoDuplicateDetection = 2;
    private const byte MainTable = 254;
    private const byte StaticProtocol = 4;
    private const byte UniverseScope = 0, HostScope = 254, LinkScope = 253;
    private const byte Unicast = 1, Local = 2;
    private const byte ToTable = 1;
    private const uint RulePreference = 100;
    private const uint MarkTable = 0x7076;

    // As long as the pVM lives, and longer than whoever made it: the interface goes with its descriptor.
    private static SafeFileHandle? tap;

    /// <summary>Makes the interface, its addresses and routes.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Make(PodAddresses addresses)
    {
        tap = LinuxNetlink.MakeTap(Name);
        int index = LinuxNetlink.InterfaceIndex(Name), loopback = LinuxNetlink.InterfaceIndex("lo");
        Call(new NetlinkMessage().Begin(SetLink, Flags(0), Link(index)), "raising the pod's interface");
        foreach (IPAddress address in addresses.All)
        {
            AddAddress(index, address);
        }

        foreach (IPAddress address in addresses.First)
        {
            byte family = Family(address);
            Route(family, MainTable, Unicast, address.AddressFamily == AddressFamily.InterNetwork ? LinkScope : UniverseScope, index, address);
            Route(family, MarkTable, Local, HostScope, loopback, null);
            Call(new NetlinkMessage().Begin(NewRule, Flags(NetlinkMessage.Create | NetlinkMessage.Exclusive), family, 0, 0, 0, 0, 0, 0, ToTable, 0, 0, 0, 0)
                .Number(10, Mark).Number(15, MarkTable).Number(6, RulePreference), "making the rule for marked packets");
        }

        // A connection that the shield makes to an application is answered to the shield, whatever address it came from.
        File.WriteAllText(Path.Combine(procSys, "net/ipv4/tcp_fwmark_accept"), "1");
        File.WriteAllText(Path.Combine(procSys, "net/ipv4/ip_local_reserved_ports"), $"{PacketRules.RedirectPort},{PacketRules.ResolverPort}");
    }

    private static byte Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? (byte)2 : (byte)10;

    /// <summary>struct ifaddrmsg: family, prefix length, flags, scope, index.</summary>
    private static void AddAddress(int index, IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        byte[] fixedPart = [Family(address), (byte)(bytes.Length * 8), NoDuplicateDetection, UniverseScope, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(fixedPart.AsSpan(4), index);
        NetlinkMessage message = new NetlinkMessage().Begin(NewAddress, Flags(NetlinkMessage.Create | NetlinkMessage.Exclusive), fixedPart).Attribute(2, bytes).Attribute(1, bytes);
        Call(message, "giving the pod its address");
    }

    /// <summary>struct rtmsg: family, lengths of destination and source, tos, table, protocol, scope, type, flags. The default route.</summary>
    private static void Route(byte family, uint table, byte type, byte scope, int index, IPAddress? source)
    {
        NetlinkMessage message = new NetlinkMessage().Begin(NewRoute, Flags(NetlinkMessage.Create | NetlinkMessage.Exclusive), family, 0, 0, 0, 0, StaticProtocol, scope, type, 0, 0, 0, 0).Number(15, table).Number(4, (uint)index);
        if (source is not null)
        {
            message.Attribute(7, source.GetAddressBytes());
        }

        Call(message, "making a route");
    }

    /// <summary>struct ifinfomsg: family, type, index, flags, change.</summary>
    private static byte[] Link(int index)
    {
        byte[] link = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(link.AsSpan(4), index);
        link[8] = InterfaceUp;
        link[12] = InterfaceUp;
        return link;
    }

    private static ushort Flags(int more) => (ushort)(NetlinkMessage.Request | NetlinkMessage.Acknowledge | more);

    private static void Call(NetlinkMessage message, string what)
    {
        int errno = LinuxNetlink.Call(LinuxNetlink.Route, message.ToArray(), 1);
        if (errno != 0)
        {
            throw new LinuxException(what, errno);
        }
    }
}
