using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>flock between processes.</summary>
public static partial class NativeFileLock
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int ReadWriteCreateCloseOnExec = 0x80042;
    private const uint OwnersFile = 0x180;

    /// <summary>
    /// Opens a lock file, making it if need be, and takes its exclusive lock, waiting for it. The library's own opening will not do: it takes a
    /// shared lock by itself and fails while somebody holds the exclusive one.
    /// </summary>
    /// <exception cref="SystemCallException">The file cannot be opened.</exception>
    public static SafeFileHandle OpenAndTake(string path)
    {
        int descriptor = open(path, ReadWriteCreateCloseOnExec, OwnersFile);
        SafeFileHandle file = descriptor >= 0 ? new(descriptor, ownsHandle: true) : throw SystemCallException.Last($"open {path}");
        try
        {
            Take(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Takes the exclusive lock of an open file, waiting for it; it ends with the handle.</summary>
    private static void Take(SafeFileHandle file)
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

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
