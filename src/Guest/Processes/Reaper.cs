using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Processes;

/// <summary>
/// Reaps every child of PID 1: the launchers it starts and the processes that they leave behind, which become its children when the
/// launcher ends. A number is freed only under the lock that guards the table, so a signal never reaches a stranger that got the same
/// number, and an end that comes before <see cref="LaunchScope.Adopt"/> is not lost.
/// </summary>
internal sealed class Reaper : IDisposable
{
    /// <summary>Unknown ends kept while a launch is under way: a container's first process and what it orphaned; the oldest go first.</summary>
    private const int UnclaimedLimit = 1024;

    private readonly IChildren children;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim spawned = new(0);
    private readonly Dictionary<int, TrackedChild> tracked = [];
    private readonly Dictionary<int, int> unclaimed = [];
    private readonly Queue<int> unclaimedOrder = new();
    private int scopes;
    private volatile bool stopped;

    public Reaper(IChildren children)
    {
        this.children = children;
        new Thread(Run) { IsBackground = true, Name = "reaper" }.Start();
    }

    /// <summary>While the scope is open the ends of unknown children are remembered, so that they can be adopted late.</summary>
    public LaunchScope BeginLaunch()
    {
        lock (gate)
        {
            scopes++;
        }

        return new(this);
    }

    /// <summary>Starts a program and tracks it.</summary>
    public TrackedChild Spawn(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileHandle stdin, SafeFileHandle stdout, SafeFileHandle stderr)
    {
        TrackedChild child;
        lock (gate)
        {
            child = new(children.Spawn(arguments, environment, stdin, stdout, stderr));
            tracked.Add(child.Pid, child);
        }

        spawned.Release();
        return child;
    }

    /// <summary>Sends a signal to a tracked child.</summary>
    /// <returns>False if it has ended.</returns>
    public bool Signal(TrackedChild child, int signal)
    {
        lock (gate)
        {
            if (!tracked.TryGetValue(child.Pid, out TrackedChild? current) || current != child)
            {
                return false;
            }

            children.Signal(child.Pid, signal);
            return true;
        }
    }

    public void Dispose()
    {
        stopped = true;
        spawned.Release();
    }

    private TrackedChild Adopt(int pid)
    {
        lock (gate)
        {
            if (tracked.TryGetValue(pid, out TrackedChild? child))
            {
                return child;
            }

            child = new(pid);
            if (unclaimed.Remove(pid, out int status))
            {
                child.Complete(status);
            }
            else
            {
                tracked.Add(pid, child);
            }

            return child;
        }
    }

    private void EndLaunch()
    {
        lock (gate)
        {
            if (--scopes == 0)
            {
                unclaimed.Clear();
                unclaimedOrder.Clear();
            }
        }
    }

    private void Run()
    {
        while (!stopped)
        {
            if (children.PeekExited() is not { } exit)
            {
                // No child at all, and only a spawn makes one: orphans come from children.
                spawned.Wait();
                continue;
            }

            lock (gate)
            {
                children.Reap(exit.Pid);
                if (tracked.Remove(exit.Pid, out TrackedChild? child))
                {
                    child.Complete(exit.Status);
                }
                else if (scopes > 0)
                {
                    Remember(exit);
                }
            }
        }
    }

    private void Remember(ChildExit exit)
    {
        unclaimed[exit.Pid] = exit.Status;
        unclaimedOrder.Enqueue(exit.Pid);
        while (unclaimedOrder.Count > UnclaimedLimit)
        {
            unclaimed.Remove(unclaimedOrder.Dequeue());
        }
    }

    /// <summary>A launch under way.</summary>
    internal readonly struct LaunchScope(Reaper reaper) : IDisposable
    {
        /// <summary>Tracks a process that became or will become a child of this process; it may have ended already.</summary>
        public TrackedChild Adopt(int pid) => reaper.Adopt(pid);

        public void Dispose() => reaper.EndLaunch();
    }
}
