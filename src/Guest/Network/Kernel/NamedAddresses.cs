using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Network.Kernel;

/// <summary>
/// Puts addresses of permitted names into the packet rules (nfnetlink, nf_tables.h of Linux 6.1), each for a while. Without it they would be rejected; with
/// it they only reach the shield, which decides.
/// </summary>
internal static class NamedAddresses
{
    private const ushort BatchBegin = 16, BatchEnd = 17;
    private const ushort Subsystem = 10 << 8;
    private const ushort NewElement = 12, DeleteElement = 14;
    private const byte Inet = 1, Unspecified = 0;
    private const int ErrnoFull = 23;

    /// <summary>Adds or renews addresses.</summary>
    /// <returns>False where the set is full.</returns>
    public static bool Add(IReadOnlyList<IPAddress> addresses, IReadOnlyList<int> ports, TimeSpan life)
    {
        foreach (IGrouping<AddressFamily, IPAddress> family in addresses.GroupBy(a => a.AddressFamily))
        {
            string set = family.Key == AddressFamily.InterNetwork ? PacketRules.Named4 : PacketRules.Named6;
            foreach (byte[] key in family.SelectMany(a => ports.Select(p => Key(a, p))))
            {
                // A kernel of that age does not renew what it has: it goes first. That it is not there is no error.
                _ = Change(DeleteElement, set, key, null);
                int errno = Change(NewElement, set, key, life);
                if (errno == ErrnoFull)
                {
                    return false;
                }

                if (errno != 0)
                {
                    throw new LinuxException("adding an address to the packet rules", errno);
                }
            }
        }

        return true;
    }

    private static int Change(ushort type, string set, byte[] key, TimeSpan? life)
    {
        NetlinkMessage message = new NetlinkMessage()
            .Begin(BatchBegin, NetlinkMessage.Request, Unspecified, 0, 0, 10)
            .Begin((ushort)(Subsystem | type), (ushort)(NetlinkMessage.Request | NetlinkMessage.Acknowledge | (life is null ? 0 : NetlinkMessage.Create)), Inet, 0, 0, 0)
            .Text(1, PacketRules.Table).Text(2, set).Nest(3).Nest(1).Nest(1).Attribute(1, key).End();
        if (life is { } time)
        {
            byte[] milliseconds = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(milliseconds, (ulong)time.TotalMilliseconds);
            message.Attribute(4, milliseconds);
        }

        return LinuxNetlink.Call(LinuxNetlink.Netfilter, message.Begin(BatchEnd, NetlinkMessage.Request, Unspecified, 0, 0, 10).ToArray(), 1);
    }

    /// <summary>A concatenated key: each part padded to four bytes.</summary>
    private static byte[] Key(IPAddress address, int port)
    {
        byte[] bytes = address.GetAddressBytes();
        byte[] key = [.. bytes, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(bytes.Length), (ushort)port);
        return key;
    }
}
