using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Pavise.Host.Interop;

/// <summary>A system call failed.</summary>
public sealed class SystemCallException(string call, int errno) : IOException($"{call}: {new Win32Exception(errno).Message}")
{
    /// <summary>No such file or directory.</summary>
    public const int NoEntry = 2;

    /// <summary>Interrupted.</summary>
    public const int Interrupted = 4;

    /// <summary>Try again.</summary>
    public const int Again = 11;

    /// <summary>The error number.</summary>
    public int Errno { get; } = errno;

    internal static SystemCallException Last(string call) => new(call, Marshal.GetLastPInvokeError());
}
