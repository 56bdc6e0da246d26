using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Processes;

/// <summary>The kernel's side of child processes.</summary>
internal interface IChildren
{
    /// <summary>Starts a program with exactly the three descriptors.</summary>
    int Spawn(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileHandle stdin, SafeFileHandle stdout, SafeFileHandle stderr);

    /// <summary>Blocks until a child has ended and leaves it a zombie; null when there is no child at all.</summary>
    ChildExit? PeekExited();

    /// <summary>Frees a zombie's number.</summary>
    void Reap(int pid);

    /// <summary>Sends a signal.</summary>
    void Signal(int pid, int signal);
}

/// <summary>The real ones.</summary>
internal sealed class LinuxChildren : IChildren
{
    public int Spawn(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileHandle stdin, SafeFileHandle stdout, SafeFileHandle stderr) =>
        LinuxProcesses.Spawn(arguments, environment, stdin, stdout, stderr);

    public ChildExit? PeekExited() => LinuxProcesses.PeekExited();

    public void Reap(int pid) => LinuxProcesses.Reap(pid);

    public void Signal(int pid, int signal) => LinuxProcesses.Signal(pid, signal);
}
