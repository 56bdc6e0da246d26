using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>Descriptors that .NET has no API for.</summary>
public static unsafe partial class NativeDescriptors // SAFETY: see each block.
{
    private const int UnixFamily = 1;
    private const int StreamCloseOnExec = 1 | 0x80000;
    private const int PathDirectoryCloseOnExec = 0x200000 | 0x10000 | 0x80000;
    private const int CloseRangeCloseOnExec = 4;
    private const int RightsMessage = 1;
    private const int SocketLevel = 1;
    private const int NoSignal = 0x4000;

    /// <summary>A connected pair of Unix stream sockets.</summary>
    public static (SafeSocketHandle Ours, SafeSocketHandle Theirs) SocketPair()
    {
        // SAFETY: the call writes exactly two ints.
        int* pair = stackalloc int[2];
        if (socketpair(UnixFamily, StreamCloseOnExec, 0, pair) != 0)
        {
            throw SystemCallException.Last("socketpair");
        }

        return (new SafeSocketHandle(pair[0], ownsHandle: true), new SafeSocketHandle(pair[1], ownsHandle: true));
    }

    /// <summary>Opens a directory as a place only (O_PATH): <c>/proc/self/fd/N/NAME</c> below it is short however long its path is.</summary>
    public static SafeFileHandle OpenDirectory(string path)
    {
        int descriptor = open(path, PathDirectoryCloseOnExec);
        return descriptor < 0 ? throw SystemCallException.Last($"open {path}") : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Marks every descriptor from <paramref name="first"/> on close-on-exec, so that a child gets only what it is given.</summary>
    public static void CloseOnExecFrom(int first) => _ = close_range((uint)first, uint.MaxValue, CloseRangeCloseOnExec);

    /// <summary>Makes descriptor <paramref name="target"/> of this process the same as <paramref name="source"/>.</summary>
    public static void Replace(SafeHandle source, int target)
    {
        if (dup2((int)source.DangerousGetHandle(), target) < 0)
        {
            throw SystemCallException.Last("dup2");
        }
    }

    /// <summary>Sends bytes and one descriptor in one message (SCM_RIGHTS).</summary>
    public static void Send(SafeSocketHandle socket, ReadOnlySpan<byte> data, SafeHandle descriptor)
    {
        // SAFETY: every pointer leads to memory of this frame or to the pinned span; sizes are those of struct msghdr, iovec and
        // cmsghdr on 64-bit Linux (16-byte header, 4-byte payload, padded to 24).
        byte* control = stackalloc byte[24];
        *(ulong*)control = 20;
        *(int*)(control + 8) = SocketLevel;
        *(int*)(control + 12) = RightsMessage;
        *(int*)(control + 16) = (int)descriptor.DangerousGetHandle();
        fixed (byte* bytes = data)
        {
            void** iov = stackalloc void*[2];
            iov[0] = bytes;
            iov[1] = (void*)(nuint)data.Length;
            nuint* message = stackalloc nuint[7];
            message[0] = 0;
            message[1] = 0;
            message[2] = (nuint)iov;
            message[3] = 1;
            message[4] = (nuint)control;
            message[5] = 24;
            message[6] = 0;
            while (true)
            {
                nint sent = sendmsg((int)socket.DangerousGetHandle(), message, NoSignal);
                if (sent == data.Length)
                {
                    return;
                }

                int errno = Marshal.GetLastPInvokeError();
                if (sent >= 0)
                {
                    throw new IOException("sendmsg: the socket took only a part of a short message");
                }

                if (errno is not (SystemCallException.Interrupted or SystemCallException.Again))
                {
                    throw new SystemCallException("sendmsg", errno);
                }

                Thread.Yield();
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int family, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close_range(uint first, uint last, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup2(int source, int target);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, nuint* message, int flags);
}
