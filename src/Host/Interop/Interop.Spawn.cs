using System.Runtime.InteropServices;

namespace Pavise.Host.Interop;

/// <summary>What to start.</summary>
/// <param name="Arguments">The program (looked up in PATH when it holds no slash) and its arguments.</param>
/// <param name="Environment">The whole environment, as <c>NAME=value</c>.</param>
/// <param name="Descriptors">Descriptors of this process by the number they get in the new one; all others are closed if they are close-on-exec.</param>
/// <param name="NewSession">Whether the new process leads a session of its own.</param>
/// <param name="WorkingDirectory">Where it starts; null for this process's directory.</param>
public sealed record SpawnRequest(
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    IReadOnlyDictionary<int, SafeHandle> Descriptors,
    bool NewSession = false,
    string? WorkingDirectory = null);

/// <summary>posix_spawn and waitpid. Managed code must never fork.</summary>
public static unsafe partial class NativeSpawn // SAFETY: see each block.
{
    // Larger than glibc's posix_spawn_file_actions_t (80 bytes), posix_spawnattr_t (336) and sigset_t (128) on x86-64.
    private const int OpaqueBytes = 512;
    private const int IdPid = 1;
    private const int WaitExited = 4;
    private const int WaitNoReap = 0x01000000;
    private const short SetSigDef = 0x04;
    private const short SetSigMask = 0x08;
    private const short SetSid = 0x80;

    /// <summary>Starts a process with default signal dispositions and an empty signal mask; returns its pid.</summary>
    /// <exception cref="SystemCallException">It could not be started.</exception>
    public static int Start(SpawnRequest request)
    {
        byte** argv = Vector(request.Arguments);
        byte** envp = Vector(request.Environment);
        // SAFETY: buffers exceed the C library's types, are initialised by its own functions, and freed in the finally block.
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* signals = stackalloc byte[OpaqueBytes];
        Check("posix_spawn_file_actions_init", posix_spawn_file_actions_init(actions));
        Check("posix_spawnattr_init", posix_spawnattr_init(attributes));
        try
        {
            sigfillset(signals);
            Check("posix_spawnattr_setsigdefault", posix_spawnattr_setsigdefault(attributes, signals));
            sigemptyset(signals);
            Check("posix_spawnattr_setsigmask", posix_spawnattr_setsigmask(attributes, signals));
            Check("posix_spawnattr_setflags", posix_spawnattr_setflags(attributes, (short)(SetSigDef | SetSigMask | (request.NewSession ? SetSid : 0))));
            AddDescriptors(actions, request.Descriptors);
            if (request.WorkingDirectory is { } directory)
            {
                Check("posix_spawn_file_actions_addchdir_np", posix_spawn_file_actions_addchdir_np(actions, directory));
            }

            Check(request.Arguments[0], posix_spawnp(out int pid, argv[0], actions, attributes, argv, envp));
            return pid;
        }
        finally
        {
            posix_spawn_file_actions_destroy(actions);
            posix_spawnattr_destroy(attributes);
            Free(argv);
            Free(envp);
            GC.KeepAlive(request.Descriptors);
        }
    }

    /// <summary>Waits for a child: its exit code, or 128 + n when signal n ended it.</summary>
    public static int Wait(int pid)
    {
        while (true)
        {
            if (waitpid(pid, out int status, 0) == pid)
            {
                int signal = status & 0x7f;
                return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
            }

            if (Marshal.GetLastPInvokeError() != SystemCallException.Interrupted)
            {
                throw SystemCallException.Last("waitpid");
            }
        }
    }

    /// <summary>Waits until a child has ended without reaping it, so that its pid stays its own.</summary>
    public static void AwaitEnd(int pid)
    {
        // SAFETY: siginfo_t is 128 bytes.
        byte* info = stackalloc byte[OpaqueBytes];
        while (waitid(IdPid, pid, info, WaitExited | WaitNoReap) != 0)
        {
            if (Marshal.GetLastPInvokeError() != SystemCallException.Interrupted)
            {
                throw SystemCallException.Last("waitid");
            }
        }
    }

    /// <summary>Sends a signal; false when there is no such process.</summary>
    public static bool Signal(int pid, int signal) => pid > 0 && kill(pid, signal) == 0;

    private static void AddDescriptors(byte* actions, IReadOnlyDictionary<int, SafeHandle> descriptors)
    {
        // Sources are first lifted above every target, so that no target overwrites a source that is still wanted.
        int lifted = 512;
        List<(int Lifted, int Target)> moves = [];
        foreach ((int target, SafeHandle source) in descriptors.OrderBy(d => d.Key))
        {
            Check("posix_spawn_file_actions_adddup2", posix_spawn_file_actions_adddup2(actions, (int)source.DangerousGetHandle(), lifted));
            moves.Add((lifted++, target));
        }

        foreach ((int from, int target) in moves)
        {
            Check("posix_spawn_file_actions_adddup2", posix_spawn_file_actions_adddup2(actions, from, target));
            Check("posix_spawn_file_actions_addclose", posix_spawn_file_actions_addclose(actions, from));
        }
    }

    private static byte** Vector(IReadOnlyList<string> strings)
    {
        // SAFETY: one pointer per string and a terminating null; Free walks to that null.
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < strings.Count; i++)
        {
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }

        return vector;
    }

    private static void Free(byte** vector)
    {
        // SAFETY: made by Vector, freed once.
        for (byte** p = vector; *p != null; p++)
        {
            Marshal.FreeCoTaskMem((nint)(*p));
        }

        NativeMemory.Free(vector);
    }

    private static void Check(string call, int error)
    {
        if (error != 0)
        {
            throw new SystemCallException(call, error);
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnp(out int pid, byte* file, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int source, int target);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclose(byte* actions, int descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, out int status, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int type, int id, byte* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
