using Google.Protobuf;
using static Pavise.Boundary.GuestApi.FieldRules;

namespace Pavise.Boundary.GuestApi;

/// <summary>
/// The limits of every request of the guest API, checked before a handler sees it. Only form is checked here (lengths, characters, ranges);
/// what a request may do is the policy's decision.
/// </summary>
public static class GuestApiLimits
{
    /// <summary>The version of the guest API that <see cref="BindRequest"/> must name.</summary>
    public const uint ApiVersion = 1;

    /// <summary>The first field outside its limits, or null. A message that is not a request of the guest API is a violation.</summary>
    public static FieldViolation? Check(IMessage message) => message switch
    {
        BindRequest m => Check(m),
        ConfigureSandboxRequest m => OptionalHostname("hostname", m.Hostname),
        AttachImageRequest m => Number("slot", m.Slot, 0, BoundaryLimits.ImageSlots - 1)
            ?? RootHash(m.RootHash)
            ?? Number("data_blocks", m.DataBlocks, 1, BoundaryLimits.ImageBlocks),
        CreateContainerRequest m => Id("container_id", m.ContainerId)
            ?? OptionalId("name", m.Name)
            ?? Bytes("spec", m.Spec, 1, BoundaryLimits.OciSpecBytes)
            ?? RootHash(m.RootHash),
        PutFileRequest m => Check(m),
        AttachVolumeRequest m => Id("container_id", m.ContainerId)
            ?? AbsolutePath("mount", m.Mount)
            ?? Number("slot", m.Slot, 0, BoundaryLimits.ImageSlots - 1),
        StartContainerRequest m => Id("container_id", m.ContainerId),
        ExecProcessRequest m => Id("container_id", m.ContainerId)
            ?? Id("exec_id", m.ExecId)
            ?? Bytes("process", m.Process, 1, BoundaryLimits.OciSpecBytes),
        SignalProcessRequest m => Process(m.ContainerId, m.ExecId) ?? Number("signal", m.Signal, 1, BoundaryLimits.Signals),
        CloseStdinRequest m => Process(m.ContainerId, m.ExecId),
        ResizeTerminalRequest m => Process(m.ContainerId, m.ExecId)
            ?? Number("columns", m.Columns, 0, BoundaryLimits.TerminalCells)
            ?? Number("rows", m.Rows, 0, BoundaryLimits.TerminalCells),
        WaitProcessRequest m => Process(m.ContainerId, m.ExecId),
        ListProcessesRequest m => Id("container_id", m.ContainerId),
        ReadStatsRequest m => Id("container_id", m.ContainerId),
        SubscribeEventsRequest m => Number("wait_ms", m.WaitMs, 0, BoundaryLimits.EventWaitMs),
        PauseContainerRequest m => Id("container_id", m.ContainerId),
        ResumeContainerRequest m => Id("container_id", m.ContainerId),
        UpdateResourcesRequest m => Id("container_id", m.ContainerId) ?? Bytes("resources", m.Resources, 1, BoundaryLimits.OciSpecBytes),
        SetClockRequest m => m.UnixNs > 0 ? null : new("unix_ns", "is not positive"),
        DeleteContainerRequest m => Process(m.ContainerId, m.ExecId),
        CheckpointRequest m => Id("container_id", m.ContainerId),
        ShutdownRequest m => Number("grace_ms", m.GraceMs, 0, BoundaryLimits.ShutdownGraceMs),
        OpenSessionRequest m => OptionalId("container_id", m.ContainerId) ?? OptionalId("exec_id", m.ExecId),
        _ => new("request", "is not a request of the guest API"),
    };

    private static FieldViolation? Check(BindRequest m) =>
        m.ApiVersion != ApiVersion ? new("api_version", $"is not {ApiVersion}")
        : Bytes("policy", m.Policy, m.Unshielded ? 0 : 1, BoundaryLimits.PolicyBytes);

    private static FieldViolation? Check(PutFileRequest m) =>
        Id("container_id", m.ContainerId)
        ?? AbsolutePath("mount", m.Mount)
        ?? OptionalFileName("name", m.Name)
        ?? Bytes("data", m.Data, 0, BoundaryLimits.PutFileBytes)
        ?? Number("offset", m.Offset, 0, BoundaryLimits.HostFileBytes - (ulong)m.Data.Length);

    private static FieldViolation? Process(string containerId, string execId) => Id("container_id", containerId) ?? OptionalId("exec_id", execId);

    private static FieldViolation? RootHash(ByteString value) => Bytes("root_hash", value, BoundaryLimits.RootHashBytes, BoundaryLimits.RootHashBytes);
}
