using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>The loopback interface: the only one until host calls for the network exist.</summary>
internal static class Loopback
{
    private const nuint SetInterfaceFlags = 0x8914;
    private const short InterfaceUp = 1;
    private const int RequestBytes = 40;

    /// <summary>SIOCSIFFLAGS with IFF_UP on <c>lo</c> (netdevice(7)).</summary>
    public static void Up()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using SafeFileHandle handle = new(socket.Handle, ownsHandle: false);
        byte[] request = new byte[RequestBytes];
        "lo"u8.CopyTo(request);
        BinaryPrimitives.WriteInt16LittleEndian(request.AsSpan(16), InterfaceUp);
        LinuxIoctl.Call(handle, SetInterfaceFlags, request, "raising the loopback interface");
    }
}
