using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>A process that is held by a descriptor (<c>pidfd_open(2)</c>): its number may be used again, the descriptor still means this one.</summary>
public sealed partial class HeldProcess : IDisposable
{
    private const int ErrnoNoProcess = 3;

    private readonly SafeFileHandle descriptor;

    private HeldProcess(int pid, SafeFileHandle descriptor) => (Pid, this.descriptor) = (pid, descriptor);

    /// <summary>Its number when it was opened.</summary>
    public int Pid { get; }

    /// <summary>The descriptor.</summary>
    internal SafeFileHandle Descriptor => descriptor;

    /// <summary>Opens a process.</summary>
    /// <returns>Null if there is none of this number.</returns>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static HeldProcess? TryOpen(int pid)
    {
        int result = pidfd_open(pid, 0);
        return result >= 0 ? new(pid, new SafeFileHandle(result, ownsHandle: true))
            : Marshal.GetLastPInvokeError() is ErrnoNoProcess ? null
            : throw new LinuxException($"opening process {pid}", Marshal.GetLastPInvokeError());
    }

    /// <summary>Sends a signal.</summary>
    /// <returns>False if it has ended.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Signal(int signal)
    {
        int result = pidfd_send_signal(descriptor, signal, 0, 0);
        return result >= 0 || (Marshal.GetLastPInvokeError() is ErrnoNoProcess ? false : throw new LinuxException($"sending signal {signal} to process {Pid}", Marshal.GetLastPInvokeError()));
    }

    /// <summary>Lets go of it.</summary>
    public void Dispose() => descriptor.Dispose();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_open(int pid, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_send_signal(SafeFileHandle process, int signal, nint info, uint flags);
}
