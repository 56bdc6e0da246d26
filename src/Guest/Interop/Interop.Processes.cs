using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>A child that has ended.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Status">0 to 255; 128 + n when signal n ended it.</param>
public readonly record struct ChildExit(int Pid, int Status);

/// <summary>Starting, signalling and reaping processes. <c>System.Diagnostics.Process</c> is no choice for PID 1: both would reap.</summary>
public static partial class LinuxProcesses
{
    // Sizes on x86-64 glibc: posix_spawn_file_actions_t 80 bytes, posix_spawnattr_t 336, sigset_t 128, siginfo_t 128.
    private const int FileActionsBytes = 80, AttributesBytes = 336, SignalSetBytes = 128, SignalInfoBytes = 128;
    private const short SpawnSetSignalDefaults = 4, SpawnSetSignalMask = 8, SpawnSetSession = 0x80;
    private const int FirstInherited = 3;
    private const int WaitExited = 4, WaitLeave = 0x0100_0000, WaitNow = 1;
    private const int IdAll = 0, IdPid = 1;
    private const int CodeExited = 1;
    private const int ErrnoInterrupted = 4, ErrnoNoChild = 10;
    private const int PrSetChildSubreaper = 36;

    /// <summary>
    /// Starts a program in a session of its own, with default signal dispositions, an empty signal mask and exactly the given
    /// descriptors as 0, 1 and 2; nothing else is inherited.
    /// </summary>
    /// <param name="arguments">Arguments; the first is also the absolute path of the program.</param>
    /// <param name="environment">NAME=value.</param>
    /// <param name="stdin">Descriptor 0.</param>
    /// <param name="stdout">Descriptor 1.</param>
    /// <param name="stderr">Descriptor 2.</param>
    /// <returns>The process id.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int Spawn(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileHandle stdin, SafeFileHandle stdout, SafeFileHandle stderr)
    {
        byte[] actions = new byte[FileActionsBytes];
        byte[] attributes = new byte[AttributesBytes];
        byte[] all = new byte[SignalSetBytes];
        byte[] none = new byte[SignalSetBytes];
        string what = $"starting {arguments[0]}";
        CheckError(posix_spawn_file_actions_init(actions), what);
        CheckError(posix_spawnattr_init(attributes), what);
        nint[] argv = [], envp = [];
        bool held0 = false, held1 = false, held2 = false;
        try
        {
            stdin.DangerousAddRef(ref held0);
            stdout.DangerousAddRef(ref held1);
            stderr.DangerousAddRef(ref held2);

            // A source among 0, 1, 2 would be overwritten by an earlier dup2; PID 1 opens its own three first, so none is.
            CheckError(posix_spawn_file_actions_adddup2(actions, (int)stdin.DangerousGetHandle(), 0), what);
            CheckError(posix_spawn_file_actions_adddup2(actions, (int)stdout.DangerousGetHandle(), 1), what);
            CheckError(posix_spawn_file_actions_adddup2(actions, (int)stderr.DangerousGetHandle(), 2), what);
            CheckError(posix_spawn_file_actions_addclosefrom_np(actions, FirstInherited), what);
            _ = sigfillset(all);
            CheckError(posix_spawnattr_setsigdefault(attributes, all), what);
            CheckError(posix_spawnattr_setsigmask(attributes, none), what);
            CheckError(posix_spawnattr_setflags(attributes, SpawnSetSignalDefaults | SpawnSetSignalMask | SpawnSetSession), what);
            argv = Strings(arguments);
            envp = Strings(environment);
            CheckError(posix_spawn(out int pid, arguments[0], actions, attributes, argv, envp), what);
            return pid;
        }
        finally
        {
            Free(argv);
            Free(envp);
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
            if (held0)
            {
                stdin.DangerousRelease();
            }

            if (held1)
            {
                stdout.DangerousRelease();
            }

            if (held2)
            {
                stderr.DangerousRelease();
            }
        }
    }

    /// <summary>Blocks until a child has ended and leaves it for <see cref="Reap"/>, so that its number is not used again meanwhile.</summary>
    /// <returns>The child, or null if there are no children at all.</returns>
    public static ChildExit? PeekExited() => Wait(IdAll, 0, WaitExited | WaitLeave);

    /// <summary>Reaps an ended child.</summary>
    public static void Reap(int pid) => Wait(IdPid, pid, WaitExited | WaitNow);

    /// <summary>Blocks until one child has ended and reaps it.</summary>
    public static ChildExit? WaitFor(int pid) => Wait(IdPid, pid, WaitExited);

    /// <summary><c>kill(2)</c>.</summary>
    public static void Signal(int pid, int signal) => LinuxException.Check(kill(pid, signal), $"sending signal {signal} to process {pid}");

    /// <summary>Makes this process the parent of orphaned descendants, as PID 1 is by nature.</summary>
    public static void BecomeSubreaper() => LinuxException.Check(prctl(PrSetChildSubreaper, 1, 0, 0, 0), "becoming a subreaper");

    private static ChildExit? Wait(int kind, int id, int options)
    {
        byte[] info = new byte[SignalInfoBytes];
        while (waitid(kind, id, info, options) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == ErrnoNoChild)
            {
                return null;
            }

            if (errno != ErrnoInterrupted)
            {
                throw new LinuxException("waiting for a child", errno);
            }
        }

        // siginfo_t for SIGCHLD: si_code at 8, si_pid at 16, si_status at 24.
        int code = BinaryPrimitives.ReadInt32LittleEndian(info.AsSpan(8));
        int status = BinaryPrimitives.ReadInt32LittleEndian(info.AsSpan(24));
        return new(BinaryPrimitives.ReadInt32LittleEndian(info.AsSpan(16)), code == CodeExited ? status & 0xff : 128 + (status & 0x7f));
    }

    private static nint[] Strings(IReadOnlyList<string> texts)
    {
        nint[] pointers = new nint[texts.Count + 1];
        for (int i = 0; i < texts.Count; i++)
        {
            if (texts[i].Contains('\0'))
            {
                Free(pointers);
                throw new ArgumentException("an argument contains NUL", nameof(texts));
            }

            pointers[i] = Marshal.StringToCoTaskMemUTF8(texts[i]);
        }

        return pointers;
    }

    private static void Free(nint[] pointers) => Array.ForEach(pointers, Marshal.FreeCoTaskMem);

    private static void CheckError(int errno, string what)
    {
        if (errno != 0)
        {
            throw new LinuxException(what, errno);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int pid, string path, byte[] actions, byte[] attributes, nint[] arguments, nint[] environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init([In, Out] byte[] actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy([In, Out] byte[] actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2([In, Out] byte[] actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np([In, Out] byte[] actions, int first);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init([In, Out] byte[] attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy([In, Out] byte[] attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault([In, Out] byte[] attributes, byte[] signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask([In, Out] byte[] attributes, byte[] signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags([In, Out] byte[] attributes, short flags);

    [LibraryImport("libc")]
    private static partial int sigfillset([In, Out] byte[] signals);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int kind, int id, [In, Out] byte[] info, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);
}
