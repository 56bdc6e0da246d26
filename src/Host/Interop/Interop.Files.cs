using System.Runtime.InteropServices;

namespace Pavise.Host.Interop;

/// <summary>File operations whose exact failure matters.</summary>
public static partial class NativeFiles
{
    private const int ErrnoExists = 17;

    /// <summary>Makes a directory for root only; false when something of that name exists.</summary>
    public static bool TryMakeDirectory(string path)
    {
        if (mkdir(path, 0x1C0) == 0)
        {
            return true;
        }

        int errno = Marshal.GetLastPInvokeError();
        return errno == ErrnoExists ? false : throw new SystemCallException($"mkdir {path}", errno);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);
}
