using Google.Protobuf;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.GuestApi;

/// <summary>Connects an <see cref="IGuestService"/> with a <see cref="TtrpcServer"/>: parses each request once, checks its limits, calls the method.</summary>
public static class GuestServiceBinding
{
    /// <summary>Name of the service on the wire.</summary>
    public const string ServiceName = "pavise.guest.v1.Guest";

    /// <summary>Registers every method of the guest API.</summary>
    public static void Add(TtrpcServer server, IGuestService service)
    {
        Add(server, "Bind", BindRequest.Parser, service.Bind);
        Add(server, "ConfigureSandbox", ConfigureSandboxRequest.Parser, service.ConfigureSandbox);
        Add(server, "AttachImage", AttachImageRequest.Parser, service.AttachImage);
        Add(server, "CreateContainer", CreateContainerRequest.Parser, service.CreateContainer);
        Add(server, "PutFile", PutFileRequest.Parser, service.PutFile);
        Add(server, "AttachVolume", AttachVolumeRequest.Parser, service.AttachVolume);
        Add(server, "StartContainer", StartContainerRequest.Parser, service.StartContainer);
        Add(server, "ExecProcess", ExecProcessRequest.Parser, service.ExecProcess);
        Add(server, "SignalProcess", SignalProcessRequest.Parser, service.SignalProcess);
        Add(server, "CloseStdin", CloseStdinRequest.Parser, service.CloseStdin);
        Add(server, "ResizeTerminal", ResizeTerminalRequest.Parser, service.ResizeTerminal);
        Add(server, "WaitProcess", WaitProcessRequest.Parser, service.WaitProcess);
        Add(server, "ListProcesses", ListProcessesRequest.Parser, service.ListProcesses);
        Add(server, "ReadStats", ReadStatsRequest.Parser, service.ReadStats);
        Add(server, "SubscribeEvents", SubscribeEventsRequest.Parser, service.SubscribeEvents);
        Add(server, "PauseContainer", PauseContainerRequest.Parser, service.PauseContainer);
        Add(server, "ResumeContainer", ResumeContainerRequest.Parser, service.ResumeContainer);
        Add(server, "UpdateResources", UpdateResourcesRequest.Parser, service.UpdateResources);
        Add(server, "SetClock", SetClockRequest.Parser, service.SetClock);
        Add(server, "DeleteContainer", DeleteContainerRequest.Parser, service.DeleteContainer);
        Add(server, "Checkpoint", CheckpointRequest.Parser, service.Checkpoint);
        Add(server, "Shutdown", ShutdownRequest.Parser, service.Shutdown);
        Add(server, "OpenSession", OpenSessionRequest.Parser, service.OpenSession);
    }

    private static void Add<TRequest, TResponse>(TtrpcServer server, string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<TResponse>> handler)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        MessageParser<TRequest> known = parser.WithDiscardUnknownFields(true);
        server.Add(ServiceName, method, async (bytes, cancellation) =>
        {
            TRequest request = Parse(known, bytes.Span, method);
            if (GuestApiLimits.Check(request) is { } violation)
            {
                throw new TtrpcException(TtrpcStatus.InvalidArgument, $"{method}: {violation.Field} {violation.Problem}");
            }

            return await handler(request, cancellation);
        });
    }

    private static TRequest Parse<TRequest>(MessageParser<TRequest> parser, ReadOnlySpan<byte> bytes, string method)
        where TRequest : IMessage<TRequest>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, $"{method}: the request is not a protobuf message");
        }
    }
}
