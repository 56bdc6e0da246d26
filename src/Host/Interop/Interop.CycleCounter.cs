using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Pavise.Host.Interop;

/// <summary>The processor's time stamp counter. .NET has no intrinsic for it, so four instructions are placed in a page of their own.</summary>
internal static partial class CycleCounter
{
    private const int ProtRead = 1, ProtWrite = 2, ProtExecute = 4, MapPrivateAnonymous = 0x22;

    // A reading between two clock readings closer than this was not interrupted.
    private const int Readings = 16;
    private static readonly TimeSpan Span = TimeSpan.FromMilliseconds(5);

    // rdtsc; shl rdx, 32; or rax, rdx; ret
    private static readonly byte[] Program = [0x0F, 0x31, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];

    /// <summary>How fast it counts, in kHz, from two moments some milliseconds apart; null on other processors or where no page may be made executable.</summary>
    public static long? MeasureKilohertz()
    {
        if (!X86Base.X64.IsSupported)
        {
            return null;
        }

        nuint page = (nuint)Environment.SystemPageSize;
        nint code = mmap(0, page, ProtRead | ProtWrite, MapPrivateAnonymous, -1, 0);
        if (code == -1)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "mmap of a page failed");
        }

        try
        {
            Marshal.Copy(Program, 0, code, Program.Length);
            if (mprotect(code, page, ProtRead | ProtExecute) != 0)
            {
                return null;
            }

            (long began, ulong first) = Read(code);
            Thread.Sleep(Span);
            (long ended, ulong last) = Read(code);
            return (long)((last - first) / Stopwatch.GetElapsedTime(began, ended).TotalMilliseconds);
        }
        finally
        {
            _ = munmap(code, page);
        }
    }

    /// <summary>The clock and the counter at one moment: of several readings the one that took least time.</summary>
    private static (long Clock, ulong Counter) Read(nint code)
    {
        (long Clock, ulong Counter, long Width) best = (0, 0, long.MaxValue);
        for (int i = 0; i < Readings; i++)
        {
            long before = Stopwatch.GetTimestamp();
            ulong counter = Call(code);
            long width = Stopwatch.GetTimestamp() - before;
            if (width < best.Width)
            {
                best = (before + (width / 2), counter, width);
            }
        }

        return (best.Clock, best.Counter);
    }

    private static ulong Call(nint code)
    {
        // SAFETY: the page holds the bytes of Program, a function of the C calling convention that touches rax and rdx only; it is executable, no longer
        // writable, and unmapped only after the last call.
        unsafe
        {
            return ((delegate* unmanaged[SuppressGCTransition]<ulong>)code)();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint address, nuint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint length);
}
