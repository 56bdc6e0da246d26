using System.Net;
using System.Runtime.InteropServices;

namespace Pavise.Host.Interop;

/// <summary>The addresses of the interfaces in the calling thread's network namespace (getifaddrs(3)); the runtime's own class also reads /sys, which is another namespace's.</summary>
public static unsafe partial class NativeAddresses // SAFETY: see each block.
{
    private const uint Up = 1;
    private const uint LoopbackInterface = 8;
    private const ushort Ipv4 = 2;
    private const ushort Ipv6 = 10;

    /// <summary>Addresses of interfaces that are up, the loopback interface left out; IPv6 without zones.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static IReadOnlyList<IPAddress> Read()
    {
        Entry* first;
        // SAFETY: the C library makes the list, which is walked to its null and freed once.
        if (getifaddrs(&first) != 0)
        {
            throw SystemCallException.Last("getifaddrs");
        }

        try
        {
            List<IPAddress> addresses = [];
            for (Entry* entry = first; entry != null; entry = entry->Next)
            {
                if (entry->Address == null || (entry->Flags & Up) == 0 || (entry->Flags & LoopbackInterface) != 0)
                {
                    continue;
                }

                // struct sockaddr_in: family u16, port u16, 4 bytes; sockaddr_in6: family u16, port u16, flow u32, 16 bytes.
                switch (*(ushort*)entry->Address)
                {
                    case Ipv4:
                        addresses.Add(new IPAddress(new ReadOnlySpan<byte>(entry->Address + 4, 4)));
                        break;
                    case Ipv6:
                        addresses.Add(new IPAddress(new ReadOnlySpan<byte>(entry->Address + 8, 16)));
                        break;
                }
            }

            return addresses;
        }
        finally
        {
            freeifaddrs(first);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getifaddrs(Entry** list);

    [LibraryImport("libc")]
    private static partial void freeifaddrs(Entry* list);

    /// <summary>The beginning of struct ifaddrs.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public Entry* Next;
        public byte* Name;
        public uint Flags;
        public byte* Address;
    }
}
