using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>An eventfd: a counter that one side raises and the other waits for.</summary>
internal sealed partial class EventDescriptor : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int SetFlags = 4;

    private readonly SafeFileHandle _handle;

    private EventDescriptor(SafeFileHandle handle) => _handle = handle;

    /// <summary>The descriptor, for waiting and for passing on.</summary>
    public SafeFileHandle Handle => _handle;

    /// <summary>Makes a new one.</summary>
    public static EventDescriptor Create()
    {
        int descriptor = eventfd(0, NonBlocking | CloseOnExec);
        return descriptor < 0
            ? throw new Win32Exception(Marshal.GetLastPInvokeError(), "eventfd failed")
            : new EventDescriptor(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Takes over a received descriptor, which is never trusted to be non-blocking.</summary>
    public static EventDescriptor Adopt(SafeFileHandle handle)
    {
        _ = fcntl(handle, SetFlags, NonBlocking);
        return new EventDescriptor(handle);
    }

    /// <summary>Raises the counter. A full counter is as good as a raised one.</summary>
    public void Signal()
    {
        ulong one = 1;
        _ = write(_handle, in one, sizeof(ulong));
    }

    /// <summary>Sets the counter to zero; returns whether it was raised.</summary>
    public bool Drain() => read(_handle, out _, sizeof(ulong)) == sizeof(ulong);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle file, out ulong value, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle file, in ulong value, nuint count);
}
