using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>/dev/fuse (fuse(4)): one system call takes a request, one gives its answer.</summary>
public static partial class LinuxFuse
{
    private const int OpenReadWriteCloexec = 2 | 0x80000;
    private const int Interrupted = 4, Again = 11, NoEntry = 2, NoDevice = 19;

    /// <summary>Opens the device.</summary>
    /// <exception cref="LinuxException">The kernel has none.</exception>
    public static SafeFileHandle Open() => new(LinuxException.Check(open("/dev/fuse", OpenReadWriteCloexec), "opening /dev/fuse"), ownsHandle: true);

    /// <summary>Waits for a request and takes it.</summary>
    /// <returns>Bytes; 0 when the file system was unmounted or the connection aborted.</returns>
    public static int Read(SafeFileHandle device, Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            // SAFETY: the buffer is pinned for the call, and its length is given.
            unsafe
            {
                fixed (byte* pointer = buffer)
                {
                    count = read(device, pointer, (nuint)buffer.Length);
                }
            }

            if (count >= 0)
            {
                return (int)count;
            }

            // ENOENT: the request was interrupted before it was taken.
            if (Marshal.GetLastPInvokeError() is var errno && errno is not (Interrupted or Again or NoEntry))
            {
                return errno == NoDevice ? 0 : throw new LinuxException("reading /dev/fuse", errno);
            }
        }
    }

    /// <summary>Gives an answer.</summary>
    /// <returns>False when the request is gone (interrupted, or the connection ended), or the kernel did not take the answer for one.</returns>
    public static bool Write(SafeFileHandle device, ReadOnlySpan<byte> answer)
    {
        // SAFETY: the bytes are pinned for the call, and their length is given.
        unsafe
        {
            fixed (byte* pointer = answer)
            {
                return write(device, pointer, (nuint)answer.Length) == answer.Length;
            }
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint read(SafeFileHandle file, byte* buffer, nuint count); // SAFETY: see Read.

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(SafeFileHandle file, byte* buffer, nuint count); // SAFETY: see Write.
}
