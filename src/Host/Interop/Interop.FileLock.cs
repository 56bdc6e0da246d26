using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>flock between processes.</summary>
public static partial class NativeFileLock
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;

    /// <summary>Takes the exclusive lock of an open file, waiting for it; it ends with the handle.</summary>
    public static void Take(SafeFileHandle file)
    {
        while (flock(file, Exclusive) != 0)
        {
            if (Marshal.GetLastPInvokeError() != SystemCallException.Interrupted)
            {
                throw SystemCallException.Last("flock");
            }
        }
    }

    /// <summary>Takes the exclusive lock if it is free.</summary>
    public static bool TryTake(SafeFileHandle file) => flock(file, Exclusive | NonBlocking) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
