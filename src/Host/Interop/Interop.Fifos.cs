using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>Named pipes (fifo(7)), opened without waiting for the other side.</summary>
public static partial class NativeFifos
{
    private const int WriteOnly = 1;
    private const int ReadWrite = 2;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const nuint BytesToRead = 0x541B;
    private const int NoReader = 6;

    /// <summary>Opens for reading; a pipe that nobody writes to reads as ended.</summary>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public static SafeFileHandle OpenRead(string path) => Open(path, 0) ?? throw SystemCallException.Last($"open {path}");

    /// <summary>Opens for writing; null when nobody reads.</summary>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public static SafeFileHandle? TryOpenWrite(string path) =>
        Open(path, WriteOnly) ?? (Marshal.GetLastPInvokeError() == NoReader ? null : throw SystemCallException.Last($"open {path}"));

    /// <summary>Opens both ends in one descriptor, which keeps what is in the pipe and never fails for want of a peer.</summary>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public static SafeFileHandle OpenBoth(string path) => Open(path, ReadWrite) ?? throw SystemCallException.Last($"open {path}");

    /// <summary>Bytes that wait in the pipe; 0 when the kernel cannot tell.</summary>
    public static int Waiting(SafeHandle pipe)
    {
        int bytes = 0;
        return ioctl(pipe, BytesToRead, ref bytes) == 0 ? bytes : 0;
    }

    private static SafeFileHandle? Open(string path, int access)
    {
        int descriptor = open(path, access | NonBlocking | CloseOnExec);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeHandle handle, nuint request, ref int value);
}
