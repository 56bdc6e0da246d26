using CsCheck;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;

namespace Pavise.Boundary.Tests.GuestApi;

public sealed class LimitsTests
{
    [Fact]
    public void Well_formed_requests_pass() => Assert.All(Requests.All, request => Assert.Null(GuestApiLimits.Check(request)));

    [Fact]
    public void Every_request_of_the_service_has_limits()
    {
        IEnumerable<Type> requests = typeof(IGuestService).GetMethods().Select(method => method.GetParameters()[0].ParameterType);
        Assert.All(requests, type => Assert.NotEqual("request", GuestApiLimits.Check((IMessage)Activator.CreateInstance(type)!)?.Field));
        Assert.Equal("request", GuestApiLimits.Check(new BindResponse())?.Field);
    }

    public static TheoryData<string, IMessage> OutsideLimits => new()
    {
        { "api_version", new BindRequest { ApiVersion = 2, Policy = Bytes(1) } },
        { "policy", new BindRequest { ApiVersion = 1 } },
        { "policy", new BindRequest { ApiVersion = 1, Policy = Bytes(BoundaryLimits.PolicyBytes + 1) } },
        { "policy", new BindRequest { ApiVersion = 1, Unshielded = true, Policy = Bytes(BoundaryLimits.PolicyBytes + 1) } },
        { "hostname", new ConfigureSandboxRequest { Hostname = new string('a', 65) } },
        { "hostname", new ConfigureSandboxRequest { Hostname = "a b" } },
        { "hostname", new ConfigureSandboxRequest { Hostname = "-a" } },
        { "slot", new AttachImageRequest { Slot = BoundaryLimits.ImageSlots, RootHash = Requests.Hash, DataBlocks = 1 } },
        { "root_hash", new AttachImageRequest { RootHash = Bytes(31), DataBlocks = 1 } },
        { "root_hash", new AttachImageRequest { RootHash = Bytes(33), DataBlocks = 1 } },
        { "data_blocks", new AttachImageRequest { RootHash = Requests.Hash } },
        { "data_blocks", new AttachImageRequest { RootHash = Requests.Hash, DataBlocks = ulong.MaxValue } },
        { "container_id", new CreateContainerRequest { Spec = Bytes(1), RootHash = Requests.Hash } },
        { "name", new CreateContainerRequest { ContainerId = "c", Name = "a/b", Spec = Bytes(1), RootHash = Requests.Hash } },
        { "spec", new CreateContainerRequest { ContainerId = "c", RootHash = Requests.Hash } },
        { "spec", new CreateContainerRequest { ContainerId = "c", Spec = Bytes(BoundaryLimits.OciSpecBytes + 1), RootHash = Requests.Hash } },
        { "mount", new PutFileRequest { ContainerId = "c", Mount = "etc" } },
        { "mount", new AttachVolumeRequest { ContainerId = "c", Mount = "data" } },
        { "slot", new AttachVolumeRequest { ContainerId = "c", Mount = "/data", Slot = BoundaryLimits.ImageSlots } },
        { "mount", new PutFileRequest { ContainerId = "c", Mount = "/etc/../root" } },
        { "mount", new PutFileRequest { ContainerId = "c", Mount = "/etc//x" } },
        { "mount", new PutFileRequest { ContainerId = "c", Mount = "/a\0b" } },
        { "mount", new PutFileRequest { ContainerId = "c", Mount = "/" + string.Join('/', Enumerable.Repeat(new string('a', 250), 17)) } },
        { "name", new PutFileRequest { ContainerId = "c", Mount = "/etc", Name = ".." } },
        { "name", new PutFileRequest { ContainerId = "c", Mount = "/etc", Name = "a/b" } },
        { "name", new PutFileRequest { ContainerId = "c", Mount = "/etc", Name = new string('ü', 128) } },
        { "data", new PutFileRequest { ContainerId = "c", Mount = "/etc", Data = Bytes(BoundaryLimits.PutFileBytes + 1) } },
        { "offset", new PutFileRequest { ContainerId = "c", Mount = "/etc", Data = Bytes(1), Offset = BoundaryLimits.HostFileBytes } },
        { "offset", new PutFileRequest { ContainerId = "c", Mount = "/etc", Data = Bytes(1), Offset = ulong.MaxValue } },
        { "exec_id", new ExecProcessRequest { ContainerId = "c", Process = Bytes(1) } },
        { "process", new ExecProcessRequest { ContainerId = "c", ExecId = "e" } },
        { "signal", new SignalProcessRequest { ContainerId = "c" } },
        { "signal", new SignalProcessRequest { ContainerId = "c", Signal = 65 } },
        { "columns", new ResizeTerminalRequest { ContainerId = "c", Columns = 65_536 } },
        { "rows", new ResizeTerminalRequest { ContainerId = "c", Rows = uint.MaxValue } },
        { "wait_ms", new SubscribeEventsRequest { WaitMs = 60_001 } },
        { "resources", new UpdateResourcesRequest { ContainerId = "c" } },
        { "unix_ns", new SetClockRequest { UnixNs = -1 } },
        { "grace_ms", new ShutdownRequest { GraceMs = uint.MaxValue } },
    };

    [Theory]
    [MemberData(nameof(OutsideLimits))]
    public void Field_outside_its_limits_is_named(string field, IMessage request) => Assert.Equal(field, GuestApiLimits.Check(request)?.Field);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    public void Ids_of_other_characters_are_refused_everywhere(string id)
    {
        foreach (IMessage request in Requests.All)
        {
            if (request.GetType().GetProperty("ContainerId") is { } property && (id.Length > 0 || request is not OpenSessionRequest))
            {
                property.SetValue(request, id);
                Assert.Equal("container_id", GuestApiLimits.Check(request)?.Field);
            }
        }
    }

    [Fact]
    public void Accepted_ids_are_exactly_the_short_ones_of_the_permitted_characters() => Gen.String[Gen.Char["abzAZ09_.-/ \0ü"], 0, 140].Sample(id =>
    {
        bool expected = id.Length is > 0 and <= 128 && id is not "." and not ".." && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
        Assert.Equal(expected, GuestApiLimits.Check(new StartContainerRequest { ContainerId = id }) is null);
    });

    private static ByteString Bytes(int count) => ByteString.CopyFrom(new byte[count]);
}
