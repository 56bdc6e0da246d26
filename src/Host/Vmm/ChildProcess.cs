using Pavise.Host.Interop;

namespace Pavise.Host.Vmm;

/// <summary>
/// A child with a thread of its own, which starts it and waits for it: the kernel ties a parent-death signal to the thread that started
/// the child, and fresh namespaces are entered by that thread only.
/// </summary>
internal sealed class ChildProcess
{
    private readonly TaskCompletionSource<int> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _reaping = new();
    private bool _reaped;

    private ChildProcess()
    {
    }

    /// <summary>Its pid.</summary>
    public int Pid { get; private set; }

    /// <summary>Its exit code, or 128 + n for signal n.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>Starts a process.</summary>
    /// <param name="request">What to start.</param>
    /// <param name="freshNamespaces">Whether it becomes PID 1 of fresh namespaces.</param>
    /// <exception cref="IOException">It could not be started.</exception>
    public static async Task<ChildProcess> StartAsync(SpawnRequest request, bool freshNamespaces)
    {
        ChildProcess child = new();
        // The stack holds a system call and nothing else.
        Thread thread = new(() => child.Run(request, freshNamespaces), maxStackSize: 256 * 1024) { IsBackground = true, Name = "child" };
        thread.Start();
        child.Pid = await child._started.Task;
        return child;
    }

    /// <summary>Sends a signal unless the child has ended and its pid may be someone else's.</summary>
    public void Signal(int signal)
    {
        lock (_reaping)
        {
            if (!_reaped)
            {
                NativeSpawn.Signal(Pid, signal);
            }
        }
    }

    private void Run(SpawnRequest request, bool freshNamespaces)
    {
        int pid;
        try
        {
            if (freshNamespaces)
            {
                NativeNamespaces.EnterFresh();
            }

            pid = NativeSpawn.Start(request);
        }
        catch (Exception e)
        {
            _started.SetException(e);
            return;
        }

        _started.SetResult(pid);
        try
        {
            NativeSpawn.AwaitEnd(pid);
            lock (_reaping)
            {
                _reaped = true;
                _exited.SetResult(NativeSpawn.Wait(pid));
            }
        }
        catch (IOException e)
        {
            _exited.TrySetException(e);
        }
    }
}
