using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Guest.Api;

/// <summary>
/// Stands before every method of the guest API but Bind. While <paramref name="closed"/> names a reason, nothing behind it runs: no method
/// has to remember to ask.
/// </summary>
/// <param name="inner">What is behind the door.</param>
/// <param name="closed">Why the door is closed; null while it is open.</param>
internal sealed class ClosedDoor(IGuestService inner, Func<TtrpcException?> closed) : IGuestService
{
    private IGuestService Inner => closed() is { } reason ? throw reason : inner;

    public Task<BindResponse> Bind(BindRequest request, CancellationToken cancellation) => inner.Bind(request, cancellation);

    public Task<Empty> ConfigureSandbox(ConfigureSandboxRequest request, CancellationToken cancellation) => Inner.ConfigureSandbox(request, cancellation);

    public Task<Empty> AttachImage(AttachImageRequest request, CancellationToken cancellation) => Inner.AttachImage(request, cancellation);

    public Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, CancellationToken cancellation) => Inner.CreateContainer(request, cancellation);

    public Task<Empty> PutFile(PutFileRequest request, CancellationToken cancellation) => Inner.PutFile(request, cancellation);

    public Task<Empty> AttachVolume(AttachVolumeRequest request, CancellationToken cancellation) => Inner.AttachVolume(request, cancellation);

    public Task<StartContainerResponse> StartContainer(StartContainerRequest request, CancellationToken cancellation) => Inner.StartContainer(request, cancellation);

    public Task<ExecProcessResponse> ExecProcess(ExecProcessRequest request, CancellationToken cancellation) => Inner.ExecProcess(request, cancellation);

    public Task<Empty> SignalProcess(SignalProcessRequest request, CancellationToken cancellation) => Inner.SignalProcess(request, cancellation);

    public Task<Empty> CloseStdin(CloseStdinRequest request, CancellationToken cancellation) => Inner.CloseStdin(request, cancellation);

    public Task<Empty> ResizeTerminal(ResizeTerminalRequest request, CancellationToken cancellation) => Inner.ResizeTerminal(request, cancellation);

    public Task<WaitProcessResponse> WaitProcess(WaitProcessRequest request, CancellationToken cancellation) => Inner.WaitProcess(request, cancellation);

    public Task<ListProcessesResponse> ListProcesses(ListProcessesRequest request, CancellationToken cancellation) => Inner.ListProcesses(request, cancellation);

    public Task<ReadStatsResponse> ReadStats(ReadStatsRequest request, CancellationToken cancellation) => Inner.ReadStats(request, cancellation);

    public Task<SubscribeEventsResponse> SubscribeEvents(SubscribeEventsRequest request, CancellationToken cancellation) => Inner.SubscribeEvents(request, cancellation);

    public Task<Empty> PauseContainer(PauseContainerRequest request, CancellationToken cancellation) => Inner.PauseContainer(request, cancellation);

    public Task<Empty> ResumeContainer(ResumeContainerRequest request, CancellationToken cancellation) => Inner.ResumeContainer(request, cancellation);

    public Task<Empty> UpdateResources(UpdateResourcesRequest request, CancellationToken cancellation) => Inner.UpdateResources(request, cancellation);

    public Task<Empty> SetClock(SetClockRequest request, CancellationToken cancellation) => Inner.SetClock(request, cancellation);

    public Task<DeleteContainerResponse> DeleteContainer(DeleteContainerRequest request, CancellationToken cancellation) => Inner.DeleteContainer(request, cancellation);

    public Task<Empty> Checkpoint(CheckpointRequest request, CancellationToken cancellation) => Inner.Checkpoint(request, cancellation);

    public Task<Empty> Shutdown(ShutdownRequest request, CancellationToken cancellation) => Inner.Shutdown(request, cancellation);

    public Task<Empty> OpenSession(OpenSessionRequest request, CancellationToken cancellation) => Inner.OpenSession(request, cancellation);
}
