namespace Pavise.Boundary.GuestApi;

/// <summary>
/// The guest API as the guest implements it; the methods are those of <c>Protos/guest.proto</c>. Requests have passed
/// <see cref="GuestApiLimits"/>. A refusal is a <see cref="Ttrpc.TtrpcException"/>.
/// </summary>
public interface IGuestService
{
    /// <summary>Binds the policy; the only method answered before it has succeeded.</summary>
    Task<BindResponse> Bind(BindRequest request, CancellationToken cancellation);

    /// <summary>Sets what the policy left open of the sandbox.</summary>
    Task<Empty> ConfigureSandbox(ConfigureSandboxRequest request, CancellationToken cancellation);

    /// <summary>Verifies a plugged root image.</summary>
    Task<Empty> AttachImage(AttachImageRequest request, CancellationToken cancellation);

    /// <summary>Constructs a container from the policy.</summary>
    Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, CancellationToken cancellation);

    /// <summary>Takes one piece of a file that the policy lets the host bring.</summary>
    Task<Empty> PutFile(PutFileRequest request, CancellationToken cancellation);

    /// <summary>Opens a plugged encrypted volume; one that is open stays as it is.</summary>
    Task<Empty> AttachVolume(AttachVolumeRequest request, CancellationToken cancellation);

    /// <summary>Starts the first process.</summary>
    Task<StartContainerResponse> StartContainer(StartContainerRequest request, CancellationToken cancellation);

    /// <summary>Starts a further process that the policy names.</summary>
    Task<ExecProcessResponse> ExecProcess(ExecProcessRequest request, CancellationToken cancellation);

    /// <summary>Sends a signal.</summary>
    Task<Empty> SignalProcess(SignalProcessRequest request, CancellationToken cancellation);

    /// <summary>Ends a process's standard input.</summary>
    Task<Empty> CloseStdin(CloseStdinRequest request, CancellationToken cancellation);

    /// <summary>Sets a terminal's size.</summary>
    Task<Empty> ResizeTerminal(ResizeTerminalRequest request, CancellationToken cancellation);

    /// <summary>Blocks until the process has ended.</summary>
    Task<WaitProcessResponse> WaitProcess(WaitProcessRequest request, CancellationToken cancellation);

    /// <summary>Lists processes as far as the policy discloses them.</summary>
    Task<ListProcessesResponse> ListProcesses(ListProcessesRequest request, CancellationToken cancellation);

    /// <summary>Reads resource usage as far as the policy discloses it.</summary>
    Task<ReadStatsResponse> ReadStats(ReadStatsRequest request, CancellationToken cancellation);

    /// <summary>Long poll for events.</summary>
    Task<SubscribeEventsResponse> SubscribeEvents(SubscribeEventsRequest request, CancellationToken cancellation);

    /// <summary>Freezes a container.</summary>
    Task<Empty> PauseContainer(PauseContainerRequest request, CancellationToken cancellation);

    /// <summary>Thaws a container.</summary>
    Task<Empty> ResumeContainer(ResumeContainerRequest request, CancellationToken cancellation);

    /// <summary>Changes limits within the policy.</summary>
    Task<Empty> UpdateResources(UpdateResourcesRequest request, CancellationToken cancellation);

    /// <summary>Proposes the wall time.</summary>
    Task<Empty> SetClock(SetClockRequest request, CancellationToken cancellation);

    /// <summary>Removes an ended container or exec.</summary>
    Task<DeleteContainerResponse> DeleteContainer(DeleteContainerRequest request, CancellationToken cancellation);

    /// <summary>Always refused.</summary>
    Task<Empty> Checkpoint(CheckpointRequest request, CancellationToken cancellation);

    /// <summary>Orderly power-off.</summary>
    Task<Empty> Shutdown(ShutdownRequest request, CancellationToken cancellation);

    /// <summary>Opens an owner session.</summary>
    Task<Empty> OpenSession(OpenSessionRequest request, CancellationToken cancellation);
}
