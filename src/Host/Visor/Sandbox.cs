using System.Net.Sockets;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Protos;

namespace Pavise.Host.Visor;

/// <summary>A sandbox, seen from the commands: found and driven through the sockets in its directory.</summary>
public sealed class Sandbox : ISandbox
{
    // Beyond the visor's own limits for a stop.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;

    private Sandbox(string directory, TimeProvider time)
    {
        Directory = directory;
        _time = time;
    }

    /// <inheritdoc/>
    public string Directory { get; }

    /// <summary>Starts a visor and its pVM and returns when the guest has accepted the policy.</summary>
    /// <exception cref="HostException">The launch failed; the message says why, and nothing is left over.</exception>
    public static async Task<ISandbox> LaunchAsync(LaunchOptions options, CancellationToken cancellation)
    {
        await SandboxLauncher.LaunchAsync(options, TimeProvider.System, cancellation);
        return new Sandbox(Path.GetFullPath(options.Directory), TimeProvider.System);
    }

    /// <summary>Returns the sandbox in a directory where one was launched. Does not connect: the calls do.</summary>
    /// <exception cref="HostException">There is no sandbox.</exception>
    public static ISandbox Open(string directory) => System.IO.Directory.Exists(directory)
        ? new Sandbox(Path.GetFullPath(directory), TimeProvider.System)
        : throw new HostException($"there is no sandbox in {directory}");

    /// <inheritdoc/>
    public Task<uint> PlugImageAsync(string imagePath, CancellationToken cancellation) => PlugAsync("PlugImage", new PlugImageRequest { Path = Path.GetFullPath(imagePath) }, cancellation);

    /// <inheritdoc/>
    public Task<uint> PlugVolumeAsync(string source, string volume, ulong bytes, CancellationToken cancellation) =>
        PlugAsync("PlugVolume", new PlugVolumeRequest { Source = Path.GetFullPath(source), Volume = volume, Bytes = bytes }, cancellation);

    private async Task<uint> PlugAsync(string method, IMessage request, CancellationToken cancellation)
    {
        try
        {
            return (await CallAsync(method, request, PlugImageResponse.Parser, cancellation)).Slot;
        }
        catch (TtrpcException e) when (e.Status != TtrpcStatus.Unavailable)
        {
            throw new HostException(e.Message, e);
        }
        catch (Exception e) when (IsGone(e))
        {
            throw Gone(e);
        }
    }

    /// <inheritdoc/>
    public async Task ShareFolderAsync(string volume, string path, CancellationToken cancellation)
    {
        try
        {
            await CallAsync("ShareFolder", new ShareFolderRequest { Volume = volume, Path = Path.GetFullPath(path) }, ShareFolderResponse.Parser, cancellation);
        }
        catch (TtrpcException e) when (e.Status != TtrpcStatus.Unavailable)
        {
            throw new HostException(e.Message, e);
        }
        catch (Exception e) when (IsGone(e))
        {
            throw Gone(e);
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> ConnectGuestAsync(uint port, CancellationToken cancellation)
    {
        try
        {
            return await SandboxFiles.ConnectAsync(Directory, BoundaryPorts.GuestSocketName(port), cancellation);
        }
        catch (Exception e) when (IsGone(e))
        {
            throw Gone(e);
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenStreamAsync(StreamHeader header, CancellationToken cancellation)
    {
        Stream stream = await ConnectGuestAsync(BoundaryPorts.Stream, cancellation);
        try
        {
            await header.WriteAsync(stream, cancellation);
            StreamAnswer answer = await StreamAnswer.ReadAsync(stream, cancellation);
            return answer.IsOpen ? stream : throw new HostException($"{header.Kind.ToString().ToLowerInvariant()}: {answer.Refusal}");
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            throw IsGone(e) ? Gone(e) : e;
        }
    }

    /// <inheritdoc/>
    public async Task<SandboxStatus> StatusAsync(CancellationToken cancellation)
    {
        try
        {
            StatusResponse s = await CallAsync("Status", new StatusRequest(), StatusResponse.Parser, cancellation);
            return new SandboxStatus(s.Machine, s.Shielded, s.VisorPid, s.VmmPid, s.Alive, s.Failure.Length > 0 ? s.Failure : null);
        }
        catch (Exception e) when (IsGone(e))
        {
            return VisorState.Read(Directory) is { } state
                ? new SandboxStatus(state.Machine, state.Shielded, state.Pid, state.VmmPid, Alive: false, state.Failure ?? "the visor was killed")
                : new SandboxStatus("", Shielded: false, 0, 0, Alive: false, "there is no visor");
        }
    }

    /// <inheritdoc/>
    public async Task GuardAsync(string containerId, string execId, bool alone, CancellationToken cancellation)
    {
        try
        {
            await CallAsync("Guard", new GuardRequest { ContainerId = containerId, ExecId = execId, Alone = alone }, GuardResponse.Parser, cancellation);
        }
        catch (Exception e) when (IsGone(e) || e is TtrpcException)
        {
            // The pVM is gone, or the guest does not say: there is nothing to guard.
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(grace + StopLimit, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            await CallAsync("Stop", new StopRequest { GraceMs = (uint)Math.Min(grace.TotalMilliseconds, uint.MaxValue) }, StopResponse.Parser, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            KillVisor();
        }
        catch (Exception e) when (IsGone(e))
        {
            KillVisor();
        }

        SandboxRemoval.Remove(Directory, everything: true);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool IsGone(Exception e) => e is SocketException or IOException or TtrpcException { Status: TtrpcStatus.Unavailable };

    /// <summary>A visor that does not answer takes its pVM along: QEMU and guest die with it.</summary>
    private void KillVisor()
    {
        const int kill9 = 9;
        if (VisorState.Read(Directory) is { } state && ProcessStartTime.Of(state.Pid) == state.StartTime)
        {
            Interop.NativeSpawn.Signal(state.Pid, kill9);
        }
    }

    private GuestGoneException Gone(Exception cause) => new($"the pVM is gone: {VisorState.Read(Directory)?.Failure ?? "it was stopped, or its visor was killed"}", cause);

    private async Task<T> CallAsync<T>(string method, IMessage request, MessageParser<T> parser, CancellationToken cancellation)
        where T : IMessage<T>
    {
        await using TtrpcClient client = new(await SandboxFiles.ConnectAsync(Directory, SandboxFiles.VisorSocket, cancellation));
        return await client.CallAsync("pavise.visor.v1.Visor", method, request, parser, cancellation);
    }
}
