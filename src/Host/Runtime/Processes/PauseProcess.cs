using System.Runtime.InteropServices;
using Pavise.Host.Interop;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Processes;

/// <summary>
/// The process that engines track for a pod. Inside the pVM nothing corresponds to it. It ends when it is told to, and with its pod's pVM once there
/// is one; <see cref="Watch"/> tells it so.
/// </summary>
internal sealed class PauseProcess(ProcessTarget target)
{
    private const PosixSignal PvmStarted = (PosixSignal)10;
    private const int KilledStatus = 137;

    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tells a pod's process that the pVM runs.</summary>
    /// <param name="pid">Its pid.</param>
    public static void Watch(int pid) => NativeSpawn.Signal(pid, (int)PvmStarted);

    /// <summary>Stays until the end.</summary>
    /// <param name="ready">Called when it can be told things.</param>
    /// <returns>The exit status: 0 when it was asked to end, 137 when the pVM went away.</returns>
    public async Task<int> RunAsync(Action ready)
    {
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration started = PosixSignalRegistration.Create(PvmStarted, signal =>
        {
            signal.Cancel = true;
            _ = WatchAsync();
        });
        ready();
        return await ended.Task;
    }

    private void End(PosixSignalContext signal)
    {
        signal.Cancel = true;
        ended.TrySetResult(0);
    }

    /// <summary>The visor keeps the connection as long as it lives.</summary>
    private async Task WatchAsync()
    {
        try
        {
            await using Stream visor = await SandboxFiles.ConnectAsync(target.Sandbox, SandboxFiles.VisorSocket, CancellationToken.None);
            _ = await visor.ReadAsync(new byte[1]);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
        }

        ended.TrySetResult(KilledStatus);
    }
}
