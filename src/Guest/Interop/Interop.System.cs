using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>Modules, power, own process, host name, clock, loopback.</summary>
public static partial class LinuxSystem
{
    private const int SysFinitModule = 313;
    private const int RbAutoboot = 0x01234567;
    private const int PrSetDumpable = 4;
    private const int RlimitCore = 4;
    private const int RlimitFiles = 7;
    private const int ErrnoExists = 17;
    private const int ClockRealtime = 0;

    /// <summary>Loads a kernel module with <c>finit_module(2)</c>; one that is loaded already is no error.</summary>
    public static void LoadModule(SafeFileHandle file, string name)
    {
        if (syscall(SysFinitModule, file, "", 0) < 0 && Marshal.GetLastPInvokeError() is var errno && errno != ErrnoExists)
        {
            throw new LinuxException($"loading module {name}", errno);
        }
    }

    /// <summary>
    /// Ends the machine: <c>reboot(2)</c> with RB_AUTOBOOT, which the VMM (started with <c>-no-reboot</c>) takes as the end. Power-off
    /// proper needs ACPI methods of the host, and a microvm may have none.
    /// </summary>
    public static void EndMachine()
    {
        sync();
        _ = reboot(RbAutoboot);
    }

    /// <summary><c>sync(2)</c>.</summary>
    public static void Sync() => sync();

    /// <summary>No core dumps and no ptrace by equals: memory of PID 1 holds keys.</summary>
    public static void ForbidDumps()
    {
        LinuxException.Check(prctl(PrSetDumpable, 0, 0, 0, 0), "forbidding dumps");
        Rlimit none = default;
        LinuxException.Check(setrlimit(RlimitCore, in none), "forbidding core files");
    }

    /// <summary>
    /// How many files this process, and what it starts, may have open. Where the hard limit may not be raised (the process machine below
    /// an orchestrator that took the capability away), up to it.
    /// </summary>
    public static void RaiseFileLimit(ulong files)
    {
        Rlimit limit = new() { Soft = files, Hard = files };
        if (setrlimit(RlimitFiles, in limit) == 0)
        {
            return;
        }

        LinuxException.Check(getrlimit(RlimitFiles, out limit), "reading the limit of open files");
        limit.Soft = Math.Min(files, limit.Hard);
        LinuxException.Check(setrlimit(RlimitFiles, in limit), "raising the limit of open files");
    }

    /// <summary><c>sethostname(2)</c>.</summary>
    public static void SetHostname(string name) => LinuxException.Check(sethostname(name, (nuint)name.Length), "setting the host name");

    /// <summary>Sets the wall clock. Nanoseconds since 1970-01-01 UTC.</summary>
    public static void SetClock(long unixNs)
    {
        Timespec time = new() { Seconds = unixNs / 1_000_000_000, Nanoseconds = unixNs % 1_000_000_000 };
        LinuxException.Check(clock_settime(ClockRealtime, in time), "setting the clock");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall(long number, SafeFileHandle file, string parameters, int flags);

    [LibraryImport("libc")]
    private static partial void sync();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int reboot(int command);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, out Rlimit limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, in Rlimit limit);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int sethostname(string name, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_settime(int clock, in Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Rlimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
