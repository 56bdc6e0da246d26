using System.Runtime.InteropServices;

namespace Pavise.Host.Interop;

/// <summary>Another root, and another program in this process's place.</summary>
public static unsafe partial class NativeRoot // SAFETY: see the block.
{
    /// <summary>Makes a folder this process's root and becomes a program found there in PATH. Returns only by failing.</summary>
    /// <exception cref="SystemCallException">The folder cannot be the root, or the program cannot be started.</exception>
    public static void BecomeProgram(string root, IReadOnlyList<string> arguments)
    {
        if (chroot(root) != 0)
        {
            throw SystemCallException.Last($"chroot {root}");
        }

        if (chdir("/") != 0)
        {
            throw SystemCallException.Last("chdir /");
        }

        // SAFETY: one pointer per argument and a terminating null; the call reads them only, and on success nothing of this process is left.
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)arguments.Count + 1, (nuint)sizeof(byte*));
        try
        {
            for (int i = 0; i < arguments.Count; i++)
            {
                vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
            }

            execvp(vector[0], vector);
            throw SystemCallException.Last(arguments[0]);
        }
        finally
        {
            for (byte** p = vector; *p != null; p++)
            {
                Marshal.FreeCoTaskMem((nint)(*p));
            }

            NativeMemory.Free(vector);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chroot(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int execvp(byte* file, byte** argv);
}
