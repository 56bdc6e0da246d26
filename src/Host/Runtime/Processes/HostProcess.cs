using System.Runtime.InteropServices;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Processes;

/// <summary>
/// The process that engines track in place of one inside the pVM: it carries the standard streams, passes signals on, and ends with the exit
/// status. When it is killed the visor ends what it stands for.
/// </summary>
internal sealed class HostProcess(ContainerStore store, ProcessTarget target, TimeProvider time)
{
    /// <summary>What a shell reports for a process that SIGKILL ended; used when the pVM went away without a word.</summary>
    private const int KilledStatus = 137;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private static readonly (PosixSignal Signal, uint Number)[] Forwarded =
    [
        (PosixSignal.SIGTERM, 15), (PosixSignal.SIGINT, 2), (PosixSignal.SIGHUP, 1), (PosixSignal.SIGQUIT, 3), ((PosixSignal)10, 10), ((PosixSignal)12, 12),
    ];

    /// <summary>Opens the streams, reports readiness, and stays until the process has ended.</summary>
    /// <param name="ready">Called when the streams are open; output that came before is not lost.</param>
    /// <param name="cancellation">Ends the wait for the streams.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> RunAsync(Action ready, CancellationToken cancellation)
    {
        await using ISandbox sandbox = Sandbox.Open(target.Sandbox);
        await using GuestClient guest = new(new TtrpcClient(await sandbox.ConnectGuestAsync(BoundaryPorts.Control, cancellation)));
        using ProcessConsole? console = !target.Terminal ? null : target.ConsoleSocket.Length > 0 ? ProcessConsole.ForEngine(target.ConsoleSocket) : ProcessConsole.ForCaller();
        List<Task> outputs = [];
        if (target.Stdout)
        {
            outputs.Add(await StreamRelay.OpenAsync(sandbox, target, StreamKind.Stdout, console?.Output ?? Console.OpenStandardOutput(), cancellation));
        }

        if (target.Stderr)
        {
            outputs.Add(await StreamRelay.OpenAsync(sandbox, target, StreamKind.Stderr, Console.OpenStandardError(), cancellation));
        }

        if (target.Stdin)
        {
            await OpenInputAsync(sandbox, console?.Input ?? Console.OpenStandardInput(), cancellation);
        }

        List<PosixSignalRegistration> registrations = [.. Forwarded.Select(f => PosixSignalRegistration.Create(f.Signal, s => Forward(s, guest, f.Number)))];
        if (console is not null)
        {
            registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize(guest, console)));
        }

        // Waiting is asked for before readiness is reported, so that no end is missed.
        Task<WaitProcessResponse> wait = guest.WaitProcessAsync(new WaitProcessRequest { ContainerId = target.ContainerId, ExecId = target.ExecId }, CancellationToken.None);
        using CancellationTokenSource watched = new();
        Task guard = sandbox.GuardAsync(target.ContainerId, target.ExecId, target.IsAlone, watched.Token);
        ready();
        if (console is not null)
        {
            Resize(guest, console);
        }

        ExitRecord exit = await WaitAsync(wait);
        await guard.WaitAsync(DrainTime, time, CancellationToken.None).ContinueWith(_ => { }, TaskScheduler.Default);
        await Task.WhenAny(Task.WhenAll(outputs), Task.Delay(DrainTime, time, CancellationToken.None));
        store.WriteExit(target.ContainerId, target.ExecId, exit);
        registrations.ForEach(r => r.Dispose());
        return exit.Status;
    }

    private async Task OpenInputAsync(ISandbox sandbox, Stream local, CancellationToken cancellation)
    {
        try
        {
            _ = await StreamRelay.OpenAsync(sandbox, target, StreamKind.Stdin, local, cancellation);
        }
        catch (HostException) when (target.ExecId.Length > 0)
        {
            // A short exec has ended already and takes no input.
        }
    }

    private async Task<ExitRecord> WaitAsync(Task<WaitProcessResponse> wait)
    {
        try
        {
            return new ExitRecord((int)((await wait).ExitStatus & 0xff), time.GetUtcNow(), null);
        }
        catch (Exception e) when (e is TtrpcException or IOException)
        {
            return new ExitRecord(KilledStatus, time.GetUtcNow(), $"the pVM is gone: {e.Message}");
        }
    }

    private void Forward(PosixSignalContext context, GuestClient guest, uint signal)
    {
        context.Cancel = true;
        _ = IgnoreRefusal(guest.SignalProcessAsync(new SignalProcessRequest { ContainerId = target.ContainerId, ExecId = target.ExecId, Signal = signal }, CancellationToken.None));
    }

    private void Resize(GuestClient guest, ProcessConsole console)
    {
        (ushort columns, ushort rows) = console.Size;
        if (columns > 0 && rows > 0)
        {
            _ = IgnoreRefusal(guest.ResizeTerminalAsync(new ResizeTerminalRequest { ContainerId = target.ContainerId, ExecId = target.ExecId, Columns = columns, Rows = rows }, CancellationToken.None));
        }
    }

    private static async Task IgnoreRefusal(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is TtrpcException or IOException)
        {
            // The policy refuses the signal, or the process is gone: there is nobody to tell.
        }
    }
}
