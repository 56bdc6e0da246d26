using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>Opening what holds a volume. The folder may belong to somebody who is not trusted with the rest of the host: no link of theirs is followed.</summary>
public static partial class NativeVolumeFile
{
    private const int PathDirectoryCloseOnExec = 0x290000;
    private const int ReadWriteCloseOnExec = 0x80002;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int NoFollow = 0x20000;
    private const uint OwnersFile = 0x180;

    /// <summary>Opens a file in a folder, makes it (mode 0600) if need be.</summary>
    /// <exception cref="SystemCallException">It cannot be opened, or is a link.</exception>
    public static SafeFileHandle OpenIn(string folder, string name)
    {
        using SafeFileHandle directory = Checked(open(folder, PathDirectoryCloseOnExec, 0), folder);
        return Checked(openat(directory, name, ReadWriteCloseOnExec | Create | NoFollow, OwnersFile), Path.Join(folder, name));
    }

    /// <summary>Opens a block device that nothing on the host uses.</summary>
    /// <exception cref="SystemCallException">It cannot be opened, or is in use.</exception>
    public static SafeFileHandle OpenDevice(string path) => Checked(open(path, ReadWriteCloseOnExec | Exclusive | NoFollow, 0), path);

    private static SafeFileHandle Checked(int descriptor, string path) => descriptor >= 0 ? new(descriptor, ownsHandle: true) : throw SystemCallException.Last($"open {path}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle directory, string path, int flags, uint mode);
}
