using System.Runtime.InteropServices;

namespace Pavise.Guest.Interop;

/// <summary>A system call failed.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Creates the error.</summary>
    /// <param name="what">What was being done, e.g. <c>mounting erofs</c>.</param>
    /// <param name="errno">The error number.</param>
    public LinuxException(string what, int errno) : base($"{what}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})") => Errno = errno;

    /// <summary>The error number.</summary>
    public int Errno { get; }

    /// <summary>Whether the same call may succeed later: a shortage of memory or descriptors, or a peer that went away (ENOMEM, ENFILE, EMFILE, ECONNABORTED, ENOBUFS).</summary>
    public bool IsPassing => Errno is 12 or 23 or 24 or 103 or 105;

    internal static int Check(int result, string what) => result >= 0 ? result : throw new LinuxException(what, Marshal.GetLastPInvokeError());

    internal static long Check(long result, string what) => result >= 0 ? result : throw new LinuxException(what, Marshal.GetLastPInvokeError());
}
