using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>
/// File systems as another process sees them: calls are carried out on a thread that has entered its mounts and root, so that no path and no symbolic link leads
/// out of them. A call is to be one about paths; what it opens is used elsewhere. It must not look up users or load code: both would be the container's.
/// </summary>
public sealed partial class LinuxMountView : IDisposable
{
    private const int CloneFs = 0x200, CloneNewNamespace = 0x20000;

    private readonly object gate = new();
    private Action? next;
    private bool over;

    private LinuxMountView()
    {
    }

    /// <summary>Enters the mounts of a process.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static LinuxMountView Enter(HeldProcess process)
    {
        LinuxMountView view = new();
        new Thread(view.Run) { IsBackground = true, Name = "mount view" }.Start();
        try
        {
            view.Do(() =>
            {
                // Root and working directory are shared by all threads until this.
                LinuxException.Check(unshare(CloneFs), "leaving the shared working directory");
                return LinuxException.Check(setns(process.Descriptor, CloneNewNamespace), "entering a container's mounts");
            });
            return view;
        }
        catch
        {
            view.Dispose();
            throw;
        }
    }

    /// <summary>Carries out a call there and waits for it. One call at a time.</summary>
    public T Do<T>(Func<T> call)
    {
        T result = default!;
        ExceptionDispatchInfo? failed = null;
        bool done = false;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(over, this);
            next = () =>
            {
                try
                {
                    result = call();
                }
                catch (Exception e)
                {
                    failed = ExceptionDispatchInfo.Capture(e);
                }

                lock (gate)
                {
                    done = true;
                    Monitor.PulseAll(gate);
                }
            };
            Monitor.PulseAll(gate);
            while (!done)
            {
                Monitor.Wait(gate);
            }
        }

        failed?.Throw();
        return result;
    }

    /// <summary>The same without a result.</summary>
    public void Do(Action call) => Do(() =>
    {
        call();
        return 0;
    });

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            over = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Run()
    {
        while (true)
        {
            Action call;
            lock (gate)
            {
                while (next is null && !over)
                {
                    Monitor.Wait(gate);
                }

                if (next is null)
                {
                    return;
                }

                call = next;
                next = null;
            }

            call();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle descriptor, int kind);
}
