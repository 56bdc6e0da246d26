namespace Pavise.Policy;

/// <summary>Every kind of request at which the shield decides. One row each in <c>docs/decision-points.md</c>.</summary>
public enum DecisionPoint
{
    // Host to guest.
    /// <summary>Binding the policy to the launch.</summary>
    Bind,
    /// <summary>Sandbox-wide settings: the host name.</summary>
    ConfigureSandbox,
    /// <summary>Opening a plugged root image by its root hash.</summary>
    AttachImage,
    /// <summary>Creating a container.</summary>
    CreateContainer,
    /// <summary>Starting a created container.</summary>
    StartContainer,
    /// <summary>Running a further process in a container.</summary>
    ExecProcess,
    /// <summary>Sending a signal.</summary>
    SignalProcess,
    /// <summary>Opening one standard stream.</summary>
    OpenStream,
    /// <summary>Closing standard input.</summary>
    CloseStdin,
    /// <summary>Changing a terminal's size.</summary>
    ResizeTerminal,
    /// <summary>Waiting for a process and learning its exit status.</summary>
    WaitProcess,
    /// <summary>Listing a container's processes.</summary>
    ListProcesses,
    /// <summary>Reading a container's resource use.</summary>
    ReadStats,
    /// <summary>Hearing of life-cycle events.</summary>
    SubscribeEvents,
    /// <summary>Freezing a container.</summary>
    PauseContainer,
    /// <summary>Thawing a container.</summary>
    ResumeContainer,
    /// <summary>Changing a container's resource limits.</summary>
    UpdateResources,
    /// <summary>Bringing a file that the policy expects from the host.</summary>
    PutFile,
    /// <summary>Opening a plugged encrypted volume.</summary>
    AttachVolume,
    /// <summary>Proposing the wall-clock time.</summary>
    SetClock,
    /// <summary>Removing an ended container or exec.</summary>
    DeleteContainer,
    /// <summary>Checkpointing: never.</summary>
    Checkpoint,
    /// <summary>Orderly power-off.</summary>
    Shutdown,
    /// <summary>Opening an owner session.</summary>
    OpenSession,

    // Owner session.
    /// <summary>Owner runs a process.</summary>
    OwnerExec,
    /// <summary>Owner attaches to a process.</summary>
    OwnerAttach,
    /// <summary>Owner reads logs.</summary>
    OwnerLogs,
    /// <summary>Owner copies files in.</summary>
    OwnerCopyIn,
    /// <summary>Owner copies files out.</summary>
    OwnerCopyOut,
    /// <summary>Owner forwards a port.</summary>
    OwnerForward,
    /// <summary>Owner lists processes.</summary>
    OwnerProcesses,
    /// <summary>Owner reads statistics.</summary>
    OwnerStats,
    /// <summary>Owner reads the audit.</summary>
    OwnerAudit,

    // Guest to host.
    /// <summary>Resolving a name.</summary>
    NetResolve,
    /// <summary>Connecting out.</summary>
    NetConnect,
    /// <summary>Listening.</summary>
    NetListen,
    /// <summary>Accepting a connection.</summary>
    NetAccept,
    /// <summary>Sending a datagram and hearing its answer.</summary>
    NetDatagram,
    /// <summary>File host calls of a shared volume.</summary>
    FileOpen,
    /// <summary>Opening a stream to the key broker.</summary>
    BrokerCall,
    /// <summary>Asking for evidence.</summary>
    TeeReport,
    /// <summary>Reading the host's clock.</summary>
    ClockRead,
}
