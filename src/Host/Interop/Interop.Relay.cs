using System.Runtime.InteropServices;

namespace Pavise.Host.Interop;

/// <summary>
/// The system calls that move bytes between sockets (epoll(7), recv(2), send(2), splice(2)). Each returns a result or a negative errno.
/// </summary>
public static unsafe partial class NativeRelay // SAFETY: see each block.
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int ControlAdd = 1;
    private const int ControlModify = 3;
    private const int NoEntry = 2;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const uint SpliceMove = 1;
    private const uint SpliceNonBlocking = 2;
    private const int ShutdownWrite = 1;
    private const short PollHangUp = 0x10;
    private const int SocketLevel = 1;
    private const int Linger = 13;
    private const int BrokenPipe = 32;
    private const int GetFlags = 3;
    private const int SetFlags = 4;

    /// <summary>Bytes of struct epoll_event on x86-64.</summary>
    public const int PollEventBytes = 12;

    /// <summary>epoll_create1.</summary>
    public static int CreatePoll() => Result(epoll_create1(CloseOnExec));

    /// <summary>epoll_ctl: changes how a descriptor is watched, or begins to.</summary>
    public static int Watch(int poll, int descriptor, uint events, ulong token)
    {
        // SAFETY: struct epoll_event on x86-64 is packed: u32 events, u64 data.
        byte* entry = stackalloc byte[PollEventBytes];
        *(uint*)entry = events;
        *(ulong*)(entry + 4) = token;
        int result = Result(epoll_ctl(poll, ControlModify, descriptor, entry));
        return result == -NoEntry ? Result(epoll_ctl(poll, ControlAdd, descriptor, entry)) : result;
    }

    /// <summary>epoll_wait without a limit of time.</summary>
    /// <param name="poll">The epoll instance.</param>
    /// <param name="events">Room for struct epoll_event, <see cref="PollEventBytes"/> each.</param>
    public static int Wait(int poll, Span<byte> events)
    {
        // SAFETY: the buffer is pinned for the call, and its length tells the kernel how many events fit.
        fixed (byte* pointer = events)
        {
            return Result(epoll_wait(poll, pointer, events.Length / PollEventBytes, -1));
        }
    }

    /// <summary>recv with MSG_DONTWAIT.</summary>
    public static int Receive(int descriptor, Span<byte> buffer)
    {
        // SAFETY: the buffer is pinned for the call, which writes at most its length.
        fixed (byte* pointer = buffer)
        {
            return Result(recv(descriptor, pointer, (nuint)buffer.Length, DontWait));
        }
    }

    /// <summary>send with MSG_DONTWAIT and MSG_NOSIGNAL.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        // SAFETY: the buffer is pinned for the call, which reads at most its length.
        fixed (byte* pointer = bytes)
        {
            return Result(send(descriptor, pointer, (nuint)bytes.Length, DontWait | NoSignal));
        }
    }

    /// <summary>pipe2, close-on-exec, not blocking.</summary>
    public static int Pipe(out int read, out int write)
    {
        // SAFETY: the call writes exactly two ints.
        int* ends = stackalloc int[2];
        int result = Result(pipe2(ends, CloseOnExec | NonBlocking));
        (read, write) = result < 0 ? (-1, -1) : (ends[0], ends[1]);
        return result;
    }

    /// <summary>splice with SPLICE_F_MOVE and SPLICE_F_NONBLOCK.</summary>
    public static int Splice(int from, int to, int length) => Result(splice(from, null, to, null, (nuint)length, SpliceMove | SpliceNonBlocking));

    /// <summary>shutdown(SHUT_WR).</summary>
    public static int EndSending(int descriptor) => Result(shutdown(descriptor, ShutdownWrite));

    /// <summary>Whether the peer has closed a connection wholly: POLLHUP, or EPIPE of an empty send.</summary>
    public static bool IsHungUp(int descriptor)
    {
        // SAFETY: struct pollfd: int descriptor, short events, short answered events.
        short* entry = stackalloc short[4];
        *(int*)entry = descriptor;
        entry[2] = 0;
        entry[3] = 0;
        return (poll(entry, 1, 0) > 0 && (entry[3] & PollHangUp) != 0) || Send(descriptor, ReadOnlySpan<byte>.Empty) == -BrokenPipe;
    }

    /// <summary>SO_LINGER of 0 seconds: the next close of a TCP socket is a reset.</summary>
    public static void ResetOnClose(int descriptor)
    {
        // SAFETY: struct linger is two ints.
        int* linger = stackalloc int[2];
        linger[0] = 1;
        linger[1] = 0;
        _ = setsockopt(descriptor, SocketLevel, Linger, linger, 8);
    }

    /// <summary>eventfd, not blocking.</summary>
    public static int CreateEvent() => Result(eventfd(0, CloseOnExec | NonBlocking));

    /// <summary>Adds one to an eventfd.</summary>
    public static void Signal(int descriptor)
    {
        // SAFETY: eight bytes of this frame.
        ulong one = 1;
        _ = write(descriptor, &one, 8);
    }

    /// <summary>close.</summary>
    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>O_NONBLOCK.</summary>
    public static void SetNonBlocking(int descriptor) => _ = fcntl(descriptor, SetFlags, fcntl(descriptor, GetFlags, 0) | NonBlocking);

    private static int Result(nint value) => value >= 0 ? (int)value : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int poll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int poll, byte* events, int count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(int descriptor, int how);

    [LibraryImport("libc")]
    private static partial int poll(short* entries, nuint count, int timeout);

    [LibraryImport("libc")]
    private static partial int setsockopt(int descriptor, int level, int name, int* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, ulong* value, nuint length);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, int value);
}
