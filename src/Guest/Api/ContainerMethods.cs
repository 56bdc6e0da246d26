using Pavise.Boundary.GuestApi;

namespace Pavise.Guest.Api;

/// <summary>What concerns containers and their processes.</summary>
internal sealed partial class GuestService
{
    public Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<Empty> PutFile(PutFileRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<StartContainerResponse> StartContainer(StartContainerRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<ExecProcessResponse> ExecProcess(ExecProcessRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<Empty> SignalProcess(SignalProcessRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<Empty> CloseStdin(CloseStdinRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<Empty> ResizeTerminal(ResizeTerminalRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<WaitProcessResponse> WaitProcess(WaitProcessRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<ListProcessesResponse> ListProcesses(ListProcessesRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<ReadStatsResponse> ReadStats(ReadStatsRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<SubscribeEventsResponse> SubscribeEvents(SubscribeEventsRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<Empty> PauseContainer(PauseContainerRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<Empty> ResumeContainer(ResumeContainerRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<Empty> UpdateResources(UpdateResourcesRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    public Task<DeleteContainerResponse> DeleteContainer(DeleteContainerRequest request, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>One connection to the stream port: reads the header, decides, relays until the stream ends.</summary>
    public Task ServeStreamAsync(Stream connection, CancellationToken cancellation) => throw new NotImplementedException();
}
