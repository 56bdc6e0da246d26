namespace Pavise.Boundary.Relay;

/// <summary>The system calls of a relay. Each returns a result, or a negative errno; none blocks but <see cref="Wait"/>.</summary>
public interface IRelayKernel
{
    /// <summary>A new epoll instance.</summary>
    int CreatePoll();

    /// <summary>Watches a descriptor, or changes how: epoll_ctl with EPOLL_CTL_MOD, or ADD where it is not watched.</summary>
    int Watch(int poll, int descriptor, uint events, ulong token);

    /// <summary>epoll_wait without a limit of time.</summary>
    int Wait(int poll, Span<PollEvent> events);

    /// <summary>recv with MSG_DONTWAIT.</summary>
    int Receive(int descriptor, Span<byte> buffer);

    /// <summary>send with MSG_DONTWAIT and MSG_NOSIGNAL.</summary>
    int Send(int descriptor, ReadOnlySpan<byte> bytes);

    /// <summary>A pipe, close-on-exec, not blocking.</summary>
    int Pipe(out int read, out int write);

    /// <summary>splice with SPLICE_F_MOVE and SPLICE_F_NONBLOCK; one of the two is a pipe.</summary>
    int Splice(int from, int to, int length);

    /// <summary>shutdown(SHUT_WR).</summary>
    int EndSending(int descriptor);

    /// <summary>Whether the peer has closed the whole of a connection that has ended: poll's POLLHUP, or EPIPE of an empty send.</summary>
    bool IsHungUp(int descriptor);

    /// <summary>Makes the next close of a TCP socket a reset (SO_LINGER of 0 seconds).</summary>
    void ResetOnClose(int descriptor);

    /// <summary>An eventfd, for waking the loop.</summary>
    int CreateEvent();

    /// <summary>Adds one to an eventfd.</summary>
    void Signal(int descriptor);

    /// <summary>Closes a pipe's end.</summary>
    void Close(int descriptor);
}

/// <summary>struct epoll_event on x86-64: packed, 12 bytes.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 4)]
public struct PollEvent
{
    /// <summary>EPOLLIN and its kin.</summary>
    public uint Events;

    /// <summary>What was given to <see cref="IRelayKernel.Watch"/>.</summary>
    public ulong Token;
}
