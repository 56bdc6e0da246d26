using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>Waits until one of several descriptors is readable or closed (epoll, level triggered). Each has a tag.</summary>
internal sealed partial class ReadyPoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int ControlAdd = 1;
    private const int ControlDelete = 2;
    private const uint In = 1;
    private const int Interrupted = 4;

    private readonly SafeFileHandle _handle;
    private readonly Event[] _events = new Event[8];

    /// <summary>Makes an empty set.</summary>
    public ReadyPoll()
    {
        int descriptor = epoll_create1(CloseOnExec);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_create1 failed");
        }

        _handle = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Adds a descriptor.</summary>
    /// <exception cref="Win32Exception">The kernel cannot wait for it.</exception>
    public void Add(SafeHandle descriptor, ulong tag)
    {
        Event wanted = new() { Events = In, Tag = tag };
        if (epoll_ctl(_handle, ControlAdd, descriptor, ref wanted) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_ctl failed");
        }
    }

    /// <summary>Removes a descriptor; one that is not in the set is ignored.</summary>
    public void Remove(SafeHandle descriptor)
    {
        Event ignored = default;
        _ = epoll_ctl(_handle, ControlDelete, descriptor, ref ignored);
    }

    /// <summary>Blocks until something is ready; writes the tags and returns their number.</summary>
    public int Wait(Span<ulong> tags)
    {
        int ready;
        do
        {
            ready = epoll_wait(_handle, _events, Math.Min(tags.Length, _events.Length), -1);
        }
        while (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        if (ready < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_wait failed");
        }

        for (int i = 0; i < ready; i++)
        {
            tags[i] = _events[i].Tag;
        }

        return ready;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(SafeFileHandle epoll, int operation, SafeHandle descriptor, ref Event wanted);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(SafeFileHandle epoll, [Out] Event[] events, int maximum, int timeout);

    /// <summary>struct epoll_event, packed on x86-64.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Event
    {
        public uint Events;
        public ulong Tag;
    }
}
