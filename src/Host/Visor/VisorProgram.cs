using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Host.Protos;

namespace Pavise.Host.Visor;

/// <summary>
/// The visor process: <c>pavise-runtime visor</c>, started by <see cref="Sandbox.LaunchAsync"/> in a session of its own, with a socket as
/// standard input on which the launch request comes and the report goes, and <c>visor.log</c> as standard error.
/// </summary>
public static class VisorProgram
{
    /// <summary>Name of the hidden command.</summary>
    public const string Command = "visor";

    private static readonly TimeSpan SignalGrace = TimeSpan.FromSeconds(10);

    /// <summary>Runs the visor until its pVM has ended; returns the exit status.</summary>
    public static async Task<int> RunAsync()
    {
        TimeProvider time = TimeProvider.System;
        using VisorLog log = new(new SafeFileHandle(2, ownsHandle: false), time);
        using NetworkStream? launcher = OpenLauncher();
        if (launcher is null)
        {
            log.Write("the visor is started by the other commands, not by hand");
            return 2;
        }

        if (await MessageFrames.ReadAsync(launcher, LaunchRequest.Parser, CancellationToken.None) is not { } request)
        {
            return 2;
        }

        using CancellationTokenSource abandoned = new();
        _ = WatchAsync(launcher, abandoned);
        VisorLife life = new(request, log, time);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            log.Write("SIGTERM");
            abandoned.Cancel();
            _ = life.StopAsync(SignalGrace);
        });
        await life.RunAsync(report => ReportAsync(launcher, report), abandoned.Token);
        return 0;
    }

    private static NetworkStream? OpenLauncher()
    {
        try
        {
            return new NetworkStream(new Socket(new SafeSocketHandle(0, ownsHandle: false)), ownsSocket: false);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The launcher sends nothing after its request: bytes or an end mean that it is gone.</summary>
    private static async Task WatchAsync(NetworkStream launcher, CancellationTokenSource abandoned)
    {
        try
        {
            _ = await launcher.ReadAsync(new byte[1]);
            await abandoned.CancelAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Closed by us after the report.
        }
    }

    private static async Task ReportAsync(NetworkStream launcher, LaunchReport report)
    {
        try
        {
            await MessageFrames.WriteAsync(launcher, report, CancellationToken.None);
        }
        catch (IOException)
        {
            // The launcher is gone; the failure, if any, is in the log.
        }

        // From here on nothing of the caller is held.
        launcher.Socket.Shutdown(SocketShutdown.Both);
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        NativeDescriptors.Replace(nothing, 0);
    }
}
