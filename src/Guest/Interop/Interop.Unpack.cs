using System.Runtime.InteropServices;

namespace Pavise.Guest.Interop;

/// <summary>What unpacking an image needs beyond plain files.</summary>
public static partial class LinuxUnpack
{
    /// <summary><c>link(2)</c>.</summary>
    public static void Link(string existing, string name) => LinuxException.Check(link(existing, name), "linking a file");

    /// <summary><c>lchown(2)</c>: of a link itself.</summary>
    public static void SetOwner(string path, uint uid, uint gid) => LinuxException.Check(lchown(path, uid, gid), "setting an owner");

    /// <summary><c>lsetxattr(2)</c>.</summary>
    public static void SetXattr(string path, string name, byte[] value) => LinuxException.Check(lsetxattr(path, name, value, (nuint)value.Length, 0), $"setting {name}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lsetxattr(string path, string name, byte[] value, nuint length, int flags);
}
