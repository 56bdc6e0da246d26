using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pavise.Guest.Interop;

/// <summary>AF_VSOCK sockets (vsock(7)). The runtime's Socket class can wrap them but neither create nor address them.</summary>
public static partial class LinuxVsock
{
    private const int AfVsock = 40;
    private const int SockStream = 1;
    private const int SockCloexec = 0x80000;
    private const uint CidAny = uint.MaxValue;
    private const int AddressBytes = 16;
    private const int ErrnoInterrupted = 4;

    /// <summary>A listening socket on a port.</summary>
    public static SafeSocketHandle Listen(uint port, int backlog)
    {
        SafeSocketHandle handle = Create();
        byte[] address = Address(CidAny, port);
        LinuxException.Check(bind(handle, address, AddressBytes), $"binding vsock port {port}");
        LinuxException.Check(listen(handle, backlog), $"listening on vsock port {port}");
        return handle;
    }

    /// <summary>Blocks until a connection comes.</summary>
    public static SafeSocketHandle Accept(SafeSocketHandle listener)
    {
        while (true)
        {
            int descriptor = accept4(listener, 0, 0, SockCloexec);
            if (descriptor >= 0)
            {
                return new SafeSocketHandle(descriptor, ownsHandle: true);
            }

            if (Marshal.GetLastPInvokeError() is var errno && errno != ErrnoInterrupted)
            {
                throw new LinuxException("accepting a vsock connection", errno);
            }
        }
    }

    /// <summary>Connects, blocking.</summary>
    public static SafeSocketHandle Connect(uint cid, uint port)
    {
        SafeSocketHandle handle = Create();
        LinuxException.Check(connect(handle, Address(cid, port), AddressBytes), $"connecting to vsock {cid}:{port}");
        return handle;
    }

    private static SafeSocketHandle Create() => new(LinuxException.Check(socket(AfVsock, SockStream | SockCloexec, 0), "making a vsock socket"), ownsHandle: true);

    /// <summary>struct sockaddr_vm: family u16, reserved u16, port u32, cid u32, flags and padding to 16 bytes.</summary>
    private static byte[] Address(uint cid, uint port)
    {
        byte[] address = new byte[AddressBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(address, AfVsock);
        BinaryPrimitives.WriteUInt32LittleEndian(address.AsSpan(4), port);
        BinaryPrimitives.WriteUInt32LittleEndian(address.AsSpan(8), cid);
        return address;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(SafeSocketHandle handle, byte[] address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(SafeSocketHandle handle, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(SafeSocketHandle handle, nint address, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(SafeSocketHandle handle, byte[] address, uint length);
}
