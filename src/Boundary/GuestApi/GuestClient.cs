using Google.Protobuf;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.GuestApi;

/// <summary>
/// The guest API as the host calls it. Each method throws <see cref="TtrpcException"/> when the guest refuses or the connection is gone.
/// Takes the client over.
/// </summary>
public sealed class GuestClient(TtrpcClient client) : IAsyncDisposable
{
    /// <summary>Completes when the connection to the guest has ended.</summary>
    public Task Completion => client.Completion;

    /// <summary>Binds the policy; the only method answered before it has succeeded.</summary>
    public Task<BindResponse> BindAsync(BindRequest request, CancellationToken cancellation) => CallAsync("Bind", request, BindResponse.Parser, cancellation);

    /// <summary>Sets what the policy left open of the sandbox.</summary>
    public Task<Empty> ConfigureSandboxAsync(ConfigureSandboxRequest request, CancellationToken cancellation) => CallAsync("ConfigureSandbox", request, Empty.Parser, cancellation);

    /// <summary>Verifies a plugged root image.</summary>
    public Task<Empty> AttachImageAsync(AttachImageRequest request, CancellationToken cancellation) => CallAsync("AttachImage", request, Empty.Parser, cancellation);

    /// <summary>Constructs a container from the policy.</summary>
    public Task<CreateContainerResponse> CreateContainerAsync(CreateContainerRequest request, CancellationToken cancellation) => CallAsync("CreateContainer", request, CreateContainerResponse.Parser, cancellation);

    /// <summary>Takes one piece of a file that the policy lets the host bring.</summary>
    public Task<Empty> PutFileAsync(PutFileRequest request, CancellationToken cancellation) => CallAsync("PutFile", request, Empty.Parser, cancellation);

    /// <summary>Opens a plugged encrypted volume.</summary>
    public Task<Empty> AttachVolumeAsync(AttachVolumeRequest request, CancellationToken cancellation) => CallAsync("AttachVolume", request, Empty.Parser, cancellation);

    /// <summary>Starts the first process.</summary>
    public Task<StartContainerResponse> StartContainerAsync(StartContainerRequest request, CancellationToken cancellation) => CallAsync("StartContainer", request, StartContainerResponse.Parser, cancellation);

    /// <summary>Starts a further process that the policy names.</summary>
    public Task<ExecProcessResponse> ExecProcessAsync(ExecProcessRequest request, CancellationToken cancellation) => CallAsync("ExecProcess", request, ExecProcessResponse.Parser, cancellation);

    /// <summary>Sends a signal.</summary>
    public Task<Empty> SignalProcessAsync(SignalProcessRequest request, CancellationToken cancellation) => CallAsync("SignalProcess", request, Empty.Parser, cancellation);

    /// <summary>Ends a process's standard input.</summary>
    public Task<Empty> CloseStdinAsync(CloseStdinRequest request, CancellationToken cancellation) => CallAsync("CloseStdin", request, Empty.Parser, cancellation);

    /// <summary>Sets a terminal's size.</summary>
    public Task<Empty> ResizeTerminalAsync(ResizeTerminalRequest request, CancellationToken cancellation) => CallAsync("ResizeTerminal", request, Empty.Parser, cancellation);

    /// <summary>Blocks until the process has ended.</summary>
    public Task<WaitProcessResponse> WaitProcessAsync(WaitProcessRequest request, CancellationToken cancellation) => CallAsync("WaitProcess", request, WaitProcessResponse.Parser, cancellation);

    /// <summary>Lists processes as far as the policy discloses them.</summary>
    public Task<ListProcessesResponse> ListProcessesAsync(ListProcessesRequest request, CancellationToken cancellation) => CallAsync("ListProcesses", request, ListProcessesResponse.Parser, cancellation);

    /// <summary>Reads resource usage as far as the policy discloses it.</summary>
    public Task<ReadStatsResponse> ReadStatsAsync(ReadStatsRequest request, CancellationToken cancellation) => CallAsync("ReadStats", request, ReadStatsResponse.Parser, cancellation);

    /// <summary>Long poll for events.</summary>
    public Task<SubscribeEventsResponse> SubscribeEventsAsync(SubscribeEventsRequest request, CancellationToken cancellation) => CallAsync("SubscribeEvents", request, SubscribeEventsResponse.Parser, cancellation);

    /// <summary>Freezes a container.</summary>
    public Task<Empty> PauseContainerAsync(PauseContainerRequest request, CancellationToken cancellation) => CallAsync("PauseContainer", request, Empty.Parser, cancellation);

    /// <summary>Thaws a container.</summary>
    public Task<Empty> ResumeContainerAsync(ResumeContainerRequest request, CancellationToken cancellation) => CallAsync("ResumeContainer", request, Empty.Parser, cancellation);

    /// <summary>Changes limits within the policy.</summary>
    public Task<Empty> UpdateResourcesAsync(UpdateResourcesRequest request, CancellationToken cancellation) => CallAsync("UpdateResources", request, Empty.Parser, cancellation);

    /// <summary>Proposes the wall time.</summary>
    public Task<Empty> SetClockAsync(SetClockRequest request, CancellationToken cancellation) => CallAsync("SetClock", request, Empty.Parser, cancellation);

    /// <summary>Removes an ended container or exec.</summary>
    public Task<DeleteContainerResponse> DeleteContainerAsync(DeleteContainerRequest request, CancellationToken cancellation) => CallAsync("DeleteContainer", request, DeleteContainerResponse.Parser, cancellation);

    /// <summary>Always refused.</summary>
    public Task<Empty> CheckpointAsync(CheckpointRequest request, CancellationToken cancellation) => CallAsync("Checkpoint", request, Empty.Parser, cancellation);

    /// <summary>Orderly power-off.</summary>
    public Task<Empty> ShutdownAsync(ShutdownRequest request, CancellationToken cancellation) => CallAsync("Shutdown", request, Empty.Parser, cancellation);

    /// <summary>Opens an owner session.</summary>
    public Task<Empty> OpenSessionAsync(OpenSessionRequest request, CancellationToken cancellation) => CallAsync("OpenSession", request, Empty.Parser, cancellation);

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => client.DisposeAsync();

    private Task<T> CallAsync<T>(string method, IMessage request, MessageParser<T> parser, CancellationToken cancellation)
        where T : IMessage<T> => client.CallAsync(GuestServiceBinding.ServiceName, method, request, parser, cancellation);
}
