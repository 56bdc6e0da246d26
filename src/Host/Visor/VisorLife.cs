using System.Diagnostics;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Host.HostCalls.Files;
using Pavise.Host.Protos;
using Pavise.Host.Vmm;

namespace Pavise.Host.Visor;

/// <summary>One pVM from its start to its end, and what it leaves: nothing when it was stopped, its logs and the reason when it ended by itself.</summary>
internal sealed class VisorLife(LaunchRequest request, VisorLog log, TimeProvider time)
{
    // Beyond the grace that containers get: unmounting and powering off, slow under software emulation.
    private static readonly TimeSpan PowerOff = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<TimeSpan> _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _nothingLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _began = time.GetTimestamp();
    private IPvm? _pvm;
    private ImageSlots? _images;
    private Guards? _guards;
    private bool _shielded;

    /// <summary>The pVM; only when the report said that it is ready.</summary>
    public IPvm Machine => _pvm ?? throw NotReady();

    /// <summary>Its root images; only when the report said that it is ready.</summary>
    public ImageSlots Images => _images ?? throw NotReady();

    /// <summary>The folders of its shared volumes.</summary>
    public FolderShares Shares { get; } = new();

    /// <summary>Who watches over its processes; only when the report said that it is ready.</summary>
    public Guards Guards => _guards ?? throw NotReady();

    /// <summary>Asks for an orderly end; completes when nothing is left.</summary>
    public Task StopAsync(TimeSpan grace)
    {
        _stopAsked.TrySetResult(grace);
        return _nothingLeft.Task;
    }

    /// <summary>Runs until the end.</summary>
    /// <param name="report">Gets the outcome of the start.</param>
    /// <param name="abandoned">Ends the start: its caller is gone.</param>
    public async Task RunAsync(Func<LaunchReport, Task> report, CancellationToken abandoned)
    {
        using CancellationTokenSource starting = CancellationTokenSource.CreateLinkedTokenSource(abandoned);
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(request.TimeoutSeconds), time);
        using CancellationTokenRegistration late = timeout.Token.Register(starting.Cancel);
        try
        {
            _pvm = await PvmFactory.StartAsync(request, Shares, log);
            log.Write($"{request.Machine}: started, pid {_pvm.Pid}, after {Elapsed} ms");
            await using ControlConnection control = new(_pvm, time);
            Task<BindResponse> binding = control.BindAsync(request.Policy.Memory, request.Unshielded, starting.Token);
            _images = new ImageSlots(_pvm);
            _guards = new Guards(control, StopAsync, log);
            await using VisorServer server = new(request.Directory, _images, Shares, Status, StopAsync, _guards, time);
            BindResponse bound = await FirstAsync(binding, _pvm);
            late.Unregister();
            if (Vsock.BouncePool.IsForcedBy(request.CommandLine))
            {
                _pvm.Confine(bound.BounceStart, bound.BounceLength);
                log.Write($"the guest shares its bounce pool, {bound.BounceLength} bytes at 0x{bound.BounceStart:x}, and its rings; so it was before");
            }

            _shielded = bound.Shielded;
            log.Write($"bound: {bound.Flavour} guest {bound.GuestVersion}, {(bound.Shielded ? "shielded" : "UNSHIELDED")}, after {Elapsed} ms");
            State(null).Write(request.Directory);
            await report(new LaunchReport { Ready = true, Flavour = bound.Flavour, GuestVersion = bound.GuestVersion, Shielded = bound.Shielded });
            await EndAsync(control);
            // The answers to Stop wait for this.
            _nothingLeft.TrySetResult();
        }
        catch (Exception e) when (e is HostException or IOException or OperationCanceledException or UnauthorizedAccessException or Boundary.Ttrpc.TtrpcException)
        {
            string failure = e is OperationCanceledException ? Late(timeout.IsCancellationRequested) : e.Message;
            log.Write($"the launch failed: {failure}");
            await RemoveAsync(everything: false);
            await report(new LaunchReport { Failure = failure });
            _nothingLeft.TrySetResult();
        }
    }

    private static InvalidOperationException NotReady() => new("the pVM is not ready");

    private long Elapsed => (long)time.GetElapsedTime(_began).TotalMilliseconds;

    private static async Task<BindResponse> FirstAsync(Task<BindResponse> binding, IPvm pvm)
    {
        if (await Task.WhenAny(binding, pvm.Ended) == binding)
        {
            return await binding;
        }

        // What Bind itself has to say explains more; it notices the end too.
        return await binding;
    }

    private async Task EndAsync(ControlConnection control)
    {
        await Task.WhenAny(_stopAsked.Task, _pvm!.Ended);
        if (!_stopAsked.Task.IsCompleted)
        {
            string failure = await _pvm.Ended;
            log.Write($"the pVM ended by itself: {failure}");
            State(failure).Write(request.Directory);
            await RemoveAsync(everything: false);
            return;
        }

        TimeSpan grace = await _stopAsked.Task;
        log.Write($"stopping, grace {grace.TotalMilliseconds} ms");
        using (CancellationTokenSource enough = new(grace + PowerOff, time))
        {
            Task asking = control.ShutdownAsync(grace, enough.Token);
            await _pvm.Ended.WaitAsync(enough.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            log.Write(_pvm.Ended.IsCompletedSuccessfully ? $"ended: {await _pvm.Ended}" : "the guest did not power off in time: killed");
            await enough.CancelAsync();
            await asking;
        }

        await RemoveAsync(everything: true);
    }

    private async Task RemoveAsync(bool everything)
    {
        if (_pvm is not null)
        {
            await _pvm.DisposeAsync();
        }

        SandboxRemoval.Remove(request.Directory, everything);
    }

    private string Late(bool timedOut) => timedOut
        ? $"the guest did not answer within {request.TimeoutSeconds} s (timeout_seconds): the guest image may not fit this machine, or the machine is overloaded"
        : "the command that launched the sandbox went away";

    private VisorState State(string? failure) => new(
        Environment.ProcessId,
        ProcessStartTime.Of(Environment.ProcessId) ?? "",
        request.Machine,
        _shielded,
        _pvm?.Pid ?? 0,
        failure);

    /// <summary>What there is to know of it.</summary>
    public SandboxStatus Status() => new(
        request.Machine,
        _shielded,
        Environment.ProcessId,
        _pvm?.Pid ?? 0,
        _pvm is { Ended.IsCompleted: false },
        null);
}
