using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Host.Machines;
using Pavise.Host.Protos;
using Pavise.Host.Vmm;

namespace Pavise.Host.Visor;

/// <summary>Starts a visor and waits for its report.</summary>
internal static class SandboxLauncher
{
    private const int Terminate = 15;
    private const int Kill9 = 9;

    // The visor keeps the time limit itself; this is for a visor that hangs.
    private static readonly TimeSpan Beyond = TimeSpan.FromSeconds(15);

    /// <summary>Launches; on failure nothing is left over.</summary>
    public static async Task LaunchAsync(LaunchOptions options, TimeProvider time, CancellationToken cancellation)
    {
        LaunchRequest request = Prepare(options);
        try
        {
            await StartAsync(request, options, time, cancellation);
        }
        catch (Exception e)
        {
            SandboxRemoval.Remove(request.Directory, everything: true);
            throw e is IOException or UnauthorizedAccessException ? new HostException($"the sandbox could not be started: {e.Message}", e) : e;
        }
    }

    /// <summary>Makes the request and the sandbox directory.</summary>
    /// <exception cref="HostException">Something is missing, or the directory exists.</exception>
    public static LaunchRequest Prepare(LaunchOptions options)
    {
        LaunchRequest request = LaunchPlan.Make(options, new HostFacts(), AppContext.BaseDirectory);
        if (request.Machine == MachineProbe.Name(MachineKind.Process))
        {
            options.Warn?.Invoke("machine process does not protect from the host: for development and measurement only");
        }

        if (Path.Exists(request.Directory))
        {
            throw new HostException($"{request.Directory} exists: a sandbox of that name runs, or was not stopped");
        }

        try
        {
            Directory.CreateDirectory(request.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return request;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"the sandbox could not be started: {e.Message}", e);
        }
    }

    private static async Task StartAsync(LaunchRequest request, LaunchOptions options, TimeProvider time, CancellationToken cancellation)
    {
        (SafeSocketHandle ours, SafeSocketHandle theirs) = NativeDescriptors.SocketPair();
        await using NetworkStream stream = new(new Socket(ours), ownsSocket: true);
        ChildProcess visor = await SpawnAsync(request.Directory, options.VisorCommand ?? ["/proc/self/exe", VisorProgram.Command], theirs);
        try
        {
            await MessageFrames.WriteAsync(stream, request, cancellation);
            using CancellationTokenSource late = new(TimeSpan.FromSeconds(request.TimeoutSeconds) + Beyond, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
            LaunchReport report = await ReadReportAsync(stream, either.Token)
                ?? throw new GuestGoneException($"the visor ended before it reported{LastWords(request.Directory)}");
            if (!report.Ready)
            {
                throw new GuestGoneException(report.Failure);
            }
        }
        catch (Exception e)
        {
            await EndAsync(visor, time);
            if (e is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new GuestGoneException("the visor did not report in time");
            }

            throw;
        }
    }

    private static async Task<LaunchReport?> ReadReportAsync(Stream stream, CancellationToken cancellation)
    {
        try
        {
            return await MessageFrames.ReadAsync(stream, LaunchReport.Parser, cancellation);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<ChildProcess> SpawnAsync(string directory, IReadOnlyList<string> command, SafeSocketHandle theirs)
    {
        using SafeSocketHandle launcher = theirs;
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using FileStream log = new(Path.Combine(directory, SandboxFiles.VisorLog), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        // Descriptors that our own caller left open must not live on in the visor.
        NativeDescriptors.CloseOnExecFrom(3);
        return await ChildProcess.StartAsync(
            new SpawnRequest(command, ChildEnvironment.Minimal, new Dictionary<int, SafeHandle> { [0] = launcher, [1] = nothing, [2] = log.SafeFileHandle }, NewSession: true, WorkingDirectory: "/"),
            freshNamespaces: false);
    }

    private static async Task EndAsync(ChildProcess visor, TimeProvider time)
    {
        visor.Signal(Terminate);
        try
        {
            await visor.Exited.WaitAsync(Beyond, time);
        }
        catch (TimeoutException)
        {
            visor.Signal(Kill9);
        }
    }

    private static string LastWords(string directory)
    {
        try
        {
            string[] lines = File.ReadAllLines(Path.Combine(directory, SandboxFiles.VisorLog));
            return lines.Length > 0 ? $": {lines[^1]}" : "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
