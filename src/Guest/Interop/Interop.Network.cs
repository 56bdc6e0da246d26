using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>Netlink and the interface of the pod.</summary>
public static partial class LinuxNetlink
{
    /// <summary>rtnetlink(7): interfaces, addresses, routes, rules.</summary>
    public const int Route = 0;

    /// <summary>nfnetlink: packet rules.</summary>
    public const int Netfilter = 12;

    private const int AfNetlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int HeaderBytes = 16;
    private const int ErrorMessage = 2;
    private const int AnswerBytes = 8192;
    private const nuint SetInterface = 0x400454ca;
    private const short TapWithoutHeader = 0x1002;
    private const int InterfaceRequestBytes = 40;

    /// <summary>Sends messages of which the last asks for an acknowledgement, and waits for it.</summary>
    /// <param name="protocol"><see cref="Route"/> or <see cref="Netfilter"/>.</param>
    /// <param name="messages">Whole netlink messages.</param>
    /// <param name="acknowledgements">How many of them ask for one.</param>
    /// <returns>0, or the errno of the first that failed.</returns>
    /// <exception cref="LinuxException">There is no netlink.</exception>
    public static int Call(int protocol, byte[] messages, int acknowledgements)
    {
        using SafeFileHandle handle = new(LinuxException.Check(socket(AfNetlink, RawCloseOnExec, protocol), "making a netlink socket"), ownsHandle: true);
        LinuxException.Check((long)send(handle, messages, (nuint)messages.Length, 0), "sending a netlink message");
        byte[] answer = new byte[AnswerBytes];
        while (acknowledgements > 0)
        {
            int length = (int)LinuxException.Check((long)recv(handle, answer, (nuint)answer.Length, 0), "reading a netlink answer");
            for (int at = 0; at + HeaderBytes + 4 <= length;)
            {
                int size = BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(at));
                if (BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(at + 4)) == ErrorMessage)
                {
                    int errno = -BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(at + HeaderBytes));
                    if (errno != 0)
                    {
                        return errno;
                    }

                    acknowledgements--;
                }

                at += Math.Max(HeaderBytes, (size + 3) & ~3);
            }
        }

        return 0;
    }

    /// <summary>Makes an Ethernet interface that leads nowhere (tun(4), TAP): it exists as long as the descriptor is open.</summary>
    public static SafeFileHandle MakeTap(string name)
    {
        SafeFileHandle handle = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite);
        byte[] request = new byte[InterfaceRequestBytes];
        System.Text.Encoding.ASCII.GetBytes(name, request);
        BinaryPrimitives.WriteInt16LittleEndian(request.AsSpan(16), TapWithoutHeader);
        LinuxIoctl.Call(handle, SetInterface, request, $"making the interface {name}");
        return handle;
    }

    /// <summary>Number of an interface.</summary>
    public static int InterfaceIndex(string name) => if_nametoindex(name) is > 0 and var index ? (int)index : throw new LinuxException($"finding the interface {name}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint if_nametoindex(string name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeFileHandle handle, byte[] buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeFileHandle handle, [In, Out] byte[] buffer, nuint length, int flags);
}
