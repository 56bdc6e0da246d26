using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary><c>ioctl(2)</c> on a byte buffer whose layout the caller writes and reads itself.</summary>
public static partial class LinuxIoctl
{
    /// <summary>Calls ioctl with a buffer that the kernel may read and write.</summary>
    public static int Call(SafeFileHandle file, nuint request, Span<byte> buffer, string what)
    {
        // SAFETY: the buffer is pinned for the call; callers pass at least the size that the request's number encodes.
        unsafe
        {
            fixed (byte* pointer = buffer)
            {
                return LinuxException.Check(ioctl(file, request, (nint)pointer), what);
            }
        }
    }

    /// <summary>Calls ioctl with a plain number.</summary>
    public static int Call(SafeFileHandle file, nuint request, nint value, string what) => LinuxException.Check(ioctl(file, request, value), what);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle file, nuint request, nint argument);
}
