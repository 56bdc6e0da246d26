using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary;
using Pavise.Host.Interop;
using Pavise.Host.Visor;

namespace Pavise.Host.Vmm;

/// <summary>The process machine: the guest as PID 1 of fresh namespaces. Protects nothing.</summary>
internal sealed class ProcessPvm : IPvm
{
    private const int Kill9 = 9;
    private readonly string _directory;
    private readonly ChildProcess _child;
    private readonly BoundedLog _log;
    private readonly Task _logging;

    private readonly ShortLink _link;
    private readonly HostCallSockets _hostCalls;

    private ProcessPvm(string directory, ShortLink link, HostCallSockets hostCalls, ChildProcess child, BoundedLog log, Task logging)
    {
        _directory = directory;
        _link = link;
        _hostCalls = hostCalls;
        _child = child;
        _log = log;
        _logging = logging;
        Ended = AwaitEndAsync();
    }

    public int Pid => _child.Pid;

    public Task<string> Ended { get; }

    /// <summary>Starts the guest program.</summary>
    /// <param name="directory">The sandbox directory.</param>
    /// <param name="program">The guest program.</param>
    /// <param name="hostCalls">What answers on which host port.</param>
    public static async Task<ProcessPvm> StartAsync(string directory, string program, IReadOnlyDictionary<uint, Func<Stream, CancellationToken, Task>> hostCalls)
    {
        Directory.CreateDirectory(Path.Combine(directory, SandboxFiles.Images));
        HostCallSockets sockets = new(directory, hostCalls);
        ShortLink link = new(directory);
        (SafeSocketHandle ours, SafeSocketHandle theirs) = NativeDescriptors.SocketPair();
        using SafeSocketHandle output = theirs;
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
        BoundedLog log = new(Path.Combine(directory, SandboxFiles.VmmLog));
        Task logging = log.CopyAsync(new NetworkStream(new Socket(ours), ownsSocket: true));
        SpawnRequest request = new(
            ["setpriv", "--pdeathsig=KILL", "--", program, "--process-machine", "--directory", link.Path],
            ChildEnvironment.Minimal,
            new Dictionary<int, System.Runtime.InteropServices.SafeHandle> { [0] = nothing, [1] = output, [2] = output },
            NewSession: true,
            WorkingDirectory: "/");
        try
        {
            ChildProcess child = await ChildProcess.StartAsync(request, freshNamespaces: true);
            return new ProcessPvm(directory, link, sockets, child, log, logging);
        }
        catch
        {
            link.Dispose();
            sockets.Dispose();
            log.Dispose();
            throw;
        }
    }

    public Task<Stream> ConnectAsync(uint port, CancellationToken cancellation) =>
        SandboxFiles.ConnectAsync(_directory, BoundaryPorts.GuestSocketName(port), cancellation);

    public Task PlugAsync(uint slot, string path, CancellationToken cancellation)
    {
        File.CreateSymbolicLink(Path.Combine(_directory, SandboxFiles.Images, slot.ToString()), Path.GetFullPath(path));
        return Task.CompletedTask;
    }

    public void Confine(ulong start, ulong length)
    {
        // Nothing of its memory is shared.
    }

    public Task PlugVolumeAsync(uint slot, SafeFileHandle image, CancellationToken cancellation) =>
        throw new HostException("encrypted volumes need a virtual machine");

    public void Kill() => _child.Signal(Kill9);

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Ended;
        _log.Dispose();
        _hostCalls.Dispose();
        _link.Dispose();
    }

    private async Task<string> AwaitEndAsync()
    {
        int status = await _child.Exited;
        await _logging;
        string words = _log.Tail.Length > 0 ? $"; its last words: {_log.Tail[(_log.Tail.LastIndexOf('\n') + 1)..]}" : "";
        return status switch
        {
            0 => "the guest ended itself",
            > 128 => $"the guest was ended by signal {status - 128}{words}",
            _ => $"the guest ended with status {status}{words}",
        };
    }
}
