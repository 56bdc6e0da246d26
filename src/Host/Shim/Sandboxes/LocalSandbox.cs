using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Protos;
using Pavise.Host.Visor;

namespace Pavise.Host.Shim.Sandboxes;

/// <summary>
/// A sandbox whose visor is part of this process: nothing is started in between, and guest ports are reached without a relay. Its directory holds the
/// same as any other's. The pVM ends with this process, however that ends.
/// </summary>
internal sealed class LocalSandbox : ISandbox
{
    private readonly VisorLife _life;
    private readonly Task _living;
    private readonly VisorLog _log;

    private LocalSandbox(string directory, VisorLife life, Task living, VisorLog log)
    {
        Directory = directory;
        _life = life;
        _living = living;
        _log = log;
    }

    public string Directory { get; }

    /// <summary>Starts a pVM and returns when its guest has accepted the policy.</summary>
    /// <exception cref="HostException">The launch failed; the message says why, and nothing is left over.</exception>
    public static async Task<ISandbox> LaunchAsync(LaunchOptions options, CancellationToken cancellation)
    {
        LaunchRequest request = SandboxLauncher.Prepare(options);
        VisorLog? log = null;
        try
        {
            log = new(File.OpenHandle(Path.Combine(request.Directory, SandboxFiles.VisorLog), FileMode.CreateNew, FileAccess.Write), TimeProvider.System);
            VisorLife life = new(request, log, TimeProvider.System);
            TaskCompletionSource<LaunchReport> reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task living = life.RunAsync(report =>
            {
                reported.TrySetResult(report);
                return Task.CompletedTask;
            }, cancellation);
            LaunchReport report = await await Task.WhenAny(reported.Task, FailedAsync(living));
            return report.Ready ? new LocalSandbox(request.Directory, life, living, log) : throw new GuestGoneException(report.Failure);
        }
        catch (Exception e)
        {
            log?.Dispose();
            SandboxRemoval.Remove(request.Directory, everything: true);
            throw e is IOException or UnauthorizedAccessException ? new HostException($"the sandbox could not be started: {e.Message}", e) : e;
        }
    }

    public Task<uint> PlugImageAsync(string imagePath, CancellationToken cancellation) => PlugAsync(slots => slots.PlugAsync(Path.GetFullPath(imagePath), cancellation));

    public Task<uint> PlugVolumeAsync(string source, string volume, ulong bytes, CancellationToken cancellation) =>
        PlugAsync(slots => slots.PlugVolumeAsync(Path.GetFullPath(source), volume, bytes, cancellation));

    public Task ShareFolderAsync(string volume, string path, CancellationToken cancellation)
    {
        try
        {
            _life.Shares.Add(volume, Path.GetFullPath(path));
            return Task.CompletedTask;
        }
        catch (TtrpcException e)
        {
            throw new HostException(e.Message, e);
        }
    }

    private async Task<uint> PlugAsync(Func<ImageSlots, Task<uint>> plug)
    {
        try
        {
            return await plug(_life.Images);
        }
        catch (TtrpcException e)
        {
            throw new HostException(e.Message, e);
        }
    }

    public async Task<Stream> ConnectGuestAsync(uint port, CancellationToken cancellation)
    {
        try
        {
            return await _life.Machine.ConnectAsync(port, cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw new GuestGoneException($"the pVM is gone: {VisorState.Read(Directory)?.Failure ?? "it was stopped"}", e);
        }
    }

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
            throw e is IOException or SocketException ? new GuestGoneException("the pVM is gone", e) : e;
        }
    }

    public async Task GuardAsync(string containerId, string execId, bool alone, CancellationToken cancellation) =>
        await _life.Guards.WatchAsync(new GuardRequest { ContainerId = containerId, ExecId = execId, Alone = alone }, cancellation);

    public Task<SandboxStatus> StatusAsync(CancellationToken cancellation) => Task.FromResult(
        _life.Status() is { Alive: true } alive ? alive : _life.Status() with { Failure = VisorState.Read(Directory)?.Failure });

    public async Task StopAsync(TimeSpan grace, CancellationToken cancellation)
    {
        await Task.WhenAny(_life.StopAsync(grace), _living).WaitAsync(cancellation);
        await _living;
        _log.Dispose();
        SandboxRemoval.Remove(Directory, everything: true);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A life that ends without a report has thrown.</summary>
    private static async Task<LaunchReport> FailedAsync(Task living)
    {
        await living;
        return new LaunchReport { Failure = "the visor ended before it reported" };
    }
}
