using System.Runtime.InteropServices;
using System.Text;

namespace Pavise.Guest.Interop;

/// <summary>The kernel's log.</summary>
public static partial class LinuxSystem
{
    private const int SyslogReadAll = 3;
    private const int KernelLogBytes = 1 << 18; // CONFIG_LOG_BUF_SHIFT of Debian's kernels is 17

    /// <summary>What the kernel has logged so far, with <c>syslog(2)</c>; neither waits nor takes anything away.</summary>
    public static string KernelLog()
    {
        byte[] buffer = new byte[KernelLogBytes];
        return Encoding.UTF8.GetString(buffer, 0, LinuxException.Check(klogctl(SyslogReadAll, buffer, buffer.Length), "reading the kernel's log"));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int klogctl(int type, [Out] byte[] buffer, int length);
}
