using Google.Protobuf;
using Pavise.Boundary.GuestApi;

namespace Pavise.Boundary.Tests.GuestApi;

/// <summary>One request of each kind, within its limits.</summary>
internal static class Requests
{
    public static readonly ByteString Hash = ByteString.CopyFrom(new byte[32]);

    public static IEnumerable<IMessage> All =>
    [
        new BindRequest { ApiVersion = 1, Policy = ByteString.CopyFromUtf8("{}") },
        new BindRequest { ApiVersion = 1, Unshielded = true },
        new ConfigureSandboxRequest { Hostname = "web-0.example" },
        new ConfigureSandboxRequest(),
        new AttachImageRequest { Slot = 3, RootHash = Hash, DataBlocks = 1 },
        new CreateContainerRequest { ContainerId = "c1", Name = "redis", Spec = ByteString.CopyFromUtf8("{}"), RootHash = Hash },
        new PutFileRequest { ContainerId = "c1", Mount = "/etc/hosts", Data = ByteString.CopyFromUtf8("x"), Last = true },
        new PutFileRequest { ContainerId = "c1", Mount = "/etc/app", Name = "a.conf", Offset = 5 },
        new AttachVolumeRequest { ContainerId = "c1", Mount = "/data", Slot = 4 },
        new StartContainerRequest { ContainerId = "c1" },
        new ExecProcessRequest { ContainerId = "c1", ExecId = "e1", Process = ByteString.CopyFromUtf8("{}") },
        new SignalProcessRequest { ContainerId = "c1", Signal = 15 },
        new CloseStdinRequest { ContainerId = "c1", ExecId = "e1" },
        new ResizeTerminalRequest { ContainerId = "c1", Columns = 80, Rows = 24 },
        new WaitProcessRequest { ContainerId = "c1" },
        new ListProcessesRequest { ContainerId = "c1" },
        new ReadStatsRequest { ContainerId = "c1" },
        new SubscribeEventsRequest { After = ulong.MaxValue, WaitMs = 60_000 },
        new PauseContainerRequest { ContainerId = "c1" },
        new ResumeContainerRequest { ContainerId = "c1" },
        new UpdateResourcesRequest { ContainerId = "c1", Resources = ByteString.CopyFromUtf8("{}") },
        new SetClockRequest { UnixNs = 1 },
        new DeleteContainerRequest { ContainerId = "c1" },
        new CheckpointRequest { ContainerId = "c1" },
        new ShutdownRequest { GraceMs = 10_000 },
        new OpenSessionRequest { ContainerId = "c1" },
    ];
}
