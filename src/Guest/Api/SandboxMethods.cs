using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Boot;
using Pavise.Guest.Interop;
using Pavise.Policy;
using Pavise.Policy.Plans;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>What concerns the sandbox as a whole.</summary>
internal sealed partial class GuestService
{
    private static readonly TimeSpan ReplyTime = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BrokerEndTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestGrace = TimeSpan.FromMinutes(5);

    public Task<Empty> ConfigureSandbox(ConfigureSandboxRequest request, CancellationToken cancellation) =>
        RunAsync(new Requests.ConfigureSandbox(request.Hostname), "", Execute, () => new SandboxPlan(request.Hostname), cancellation);

    public Task<Empty> AttachImage(AttachImageRequest request, CancellationToken cancellation)
    {
        RootHash root = RootHash.FromBytes(request.RootHash.Span);
        return RunAsync(new Requests.AttachImage(request.Slot, root, request.DataBlocks), "", plan => AttachAsync(plan, cancellation), () => new AttachImagePlan(request.Slot, root, request.DataBlocks), cancellation);
    }

    public Task<Empty> SetClock(SetClockRequest request, CancellationToken cancellation)
    {
        long now = UnixTime.Ns(time);
        return RunAsync(new Requests.SetClock(request.UnixNs, now) { ElapsedNs = UnixTime.MonotonicNs(time) }, "", Execute, () => new ClockPlan(request.UnixNs), cancellation);
    }

    public Task<Empty> Checkpoint(CheckpointRequest request, CancellationToken cancellation)
    {
        if (!unshielded)
        {
            Shielded.Decide<Plan>(new Requests.Checkpoint(request.ContainerId), request.ContainerId);
        }

        throw new TtrpcException(TtrpcStatus.Unimplemented, "a pVM is never checkpointed");
    }

    public Task<Empty> Shutdown(ShutdownRequest request, CancellationToken cancellation) => RunAsync(
        new Requests.Shutdown(request.GraceMs),
        "",
        plan =>
        {
            _ = PowerOffAsync(TimeSpan.FromMilliseconds(plan.GraceMs));
            return Task.FromResult(new Empty());
        },
        () => new ShutdownPlan(request.GraceMs),
        cancellation);

    /// <summary>Ends the containers and then the machine.</summary>
    public async Task PowerOffAsync(TimeSpan grace)
    {
        ending = true;
        try
        {
            await containers.StopAllAsync(grace > LongestGrace ? LongestGrace : grace);
            await EndAtBrokerAsync();
            await Task.Delay(ReplyTime, time);
            (images as IDisposable)?.Dispose();
        }
        finally
        {
            Fatal.PowerOff();
        }
    }

    private async Task EndAtBrokerAsync()
    {
        if (provisioner is { } source)
        {
            using CancellationTokenSource late = new(BrokerEndTime, time);
            await source.EndAsync(late.Token);
        }
    }

    private Task<Empty> Execute(ClockPlan plan)
    {
        if (environment.IsVm)
        {
            LinuxSystem.SetClock(plan.UnixNs);
        }

        return Task.FromResult(new Empty());
    }

    private static Task<Empty> Execute(SandboxPlan plan)
    {
        if (plan.Hostname.Length > 0)
        {
            LinuxSystem.SetHostname(plan.Hostname);
        }

        return Task.FromResult(new Empty());
    }

    private async Task<Empty> AttachAsync(AttachImagePlan plan, CancellationToken cancellation)
    {
        try
        {
            await images.AttachAsync(plan, cancellation);
            return new Empty();
        }
        catch (TimeoutException e)
        {
            throw new TtrpcException(TtrpcStatus.Unavailable, e.Message);
        }
        catch (Exception e) when (e is LinuxException or InvalidDataException or OverflowException)
        {
            throw new TtrpcException(TtrpcStatus.Internal, $"the image at slot {plan.Slot} does not verify against {plan.Root}, or is no EROFS image");
        }
    }
}
