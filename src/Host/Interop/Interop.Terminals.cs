using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>Pseudo terminals and terminal modes.</summary>
public static partial class NativeTerminals
{
    private const int ReadWriteNoControllingCloseOnExec = 2 | 0x100 | 0x80000;
    private const nuint SetControlling = 0x540E, GetWindowSize = 0x5413, SetWindowSize = 0x5414;
    private const int NameBytes = 128;

    /// <summary>Larger than struct termios of glibc (60 bytes).</summary>
    private const int TermiosBytes = 256;

    /// <summary>A new pseudo terminal: what an engine holds, and the end that stands for the process.</summary>
    public static (SafeFileHandle Master, SafeFileHandle Slave) Open()
    {
        int descriptor = posix_openpt(ReadWriteNoControllingCloseOnExec);
        if (descriptor < 0)
        {
            throw SystemCallException.Last("posix_openpt");
        }

        SafeFileHandle master = new(descriptor, ownsHandle: true);
        byte[] name = new byte[NameBytes];
        if (grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name, NameBytes) != 0)
        {
            master.Dispose();
            throw SystemCallException.Last("ptsname");
        }

        int slave = open(Encoding.ASCII.GetString(name, 0, name.AsSpan().IndexOf((byte)0)), ReadWriteNoControllingCloseOnExec);
        return slave < 0 ? throw SystemCallException.Last("opening a pseudo terminal") : (master, new SafeFileHandle(slave, ownsHandle: true));
    }

    /// <summary>Makes a terminal the controlling one of this process, which leads a session, so that it hears of size changes.</summary>
    public static bool TryControl(SafeHandle terminal) => ioctl(terminal, SetControlling, 0) == 0;

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(SafeHandle handle) => isatty(handle) == 1;

    /// <summary>Passes bytes through unchanged: the line discipline that counts is the one in the guest. Returns the former mode.</summary>
    public static byte[]? MakeRaw(SafeHandle terminal)
    {
        byte[] before = new byte[TermiosBytes], raw = new byte[TermiosBytes];
        if (tcgetattr(terminal, before) != 0)
        {
            return null;
        }

        before.CopyTo(raw, 0);
        cfmakeraw(raw);
        _ = tcsetattr(terminal, 0, raw);
        return before;
    }

    /// <summary>Puts a mode back.</summary>
    public static void Restore(SafeHandle terminal, byte[] mode) => _ = tcsetattr(terminal, 0, mode);

    /// <summary>Size in columns and rows; zeros when unknown.</summary>
    public static (ushort Columns, ushort Rows) Size(SafeHandle terminal)
    {
        WindowSize size = default;
        return ioctl(terminal, GetWindowSize, ref size) == 0 ? (size.Columns, size.Rows) : ((ushort)0, (ushort)0);
    }

    /// <summary>Sets the size.</summary>
    public static void Resize(SafeHandle terminal, ushort columns, ushort rows)
    {
        WindowSize size = new() { Columns = columns, Rows = rows };
        _ = ioctl(terminal, SetWindowSize, ref size);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int grantpt(SafeFileHandle master);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlockpt(SafeFileHandle master);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ptsname_r(SafeFileHandle master, byte[] name, nuint length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeHandle handle, nuint request, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeHandle handle, nuint request, ref WindowSize size);

    [LibraryImport("libc")]
    private static partial int isatty(SafeHandle handle);

    [LibraryImport("libc")]
    private static partial int tcgetattr(SafeHandle handle, byte[] termios);

    [LibraryImport("libc")]
    private static partial int tcsetattr(SafeHandle handle, int action, byte[] termios);

    [LibraryImport("libc")]
    private static partial void cfmakeraw(byte[] termios);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelsX;
        public ushort PixelsY;
    }
}
