using Google.Protobuf;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Visor;

namespace Pavise.Host.Shim.Service;

/// <summary>
/// containerd's Task service on a ttrpc server, in both versions that have these messages. Requests are parsed here, once; what a method throws
/// becomes the status that containerd's clients expect, with the guest's own words.
/// </summary>
internal static class TaskBinding
{
    /// <summary>The service in containerd 1.6 and later.</summary>
    public const string Version2 = "containerd.task.v2.Task";

    /// <summary>The same service as containerd 2.x also asks for it.</summary>
    public const string Version3 = "containerd.task.v3.Task";

    /// <summary>Registers every method.</summary>
    public static void Register(TtrpcServer server, TaskService tasks)
    {
        foreach (string service in new[] { Version2, Version3 })
        {
            Add(server, service, "State", StateRequest.Parser, (r, _) => Task.FromResult(tasks.State(r)));
            Add(server, service, "Create", CreateTaskRequest.Parser, tasks.CreateAsync);
            Add(server, service, "Start", StartRequest.Parser, tasks.StartAsync);
            Add(server, service, "Delete", DeleteRequest.Parser, tasks.DeleteAsync);
            Add(server, service, "Pids", PidsRequest.Parser, tasks.PidsAsync);
            Add(server, service, "Pause", PauseRequest.Parser, tasks.PauseAsync);
            Add(server, service, "Resume", ResumeRequest.Parser, tasks.ResumeAsync);
            Add(server, service, "Checkpoint", CheckpointTaskRequest.Parser, tasks.CheckpointAsync);
            Add(server, service, "Kill", KillRequest.Parser, tasks.KillAsync);
            Add(server, service, "Exec", ExecProcessRequest.Parser, (r, _) => Task.FromResult(tasks.Exec(r)));
            Add(server, service, "ResizePty", ResizePtyRequest.Parser, tasks.ResizePtyAsync);
            Add(server, service, "CloseIO", CloseIORequest.Parser, (r, _) => Task.FromResult(tasks.CloseIO(r)));
            Add(server, service, "Update", UpdateTaskRequest.Parser, tasks.UpdateAsync);
            Add(server, service, "Wait", WaitRequest.Parser, tasks.WaitAsync);
            Add(server, service, "Stats", StatsRequest.Parser, tasks.StatsAsync);
            Add(server, service, "Connect", ConnectRequest.Parser, (r, _) => Task.FromResult(tasks.Connect(r)));
            Add(server, service, "Shutdown", ShutdownRequest.Parser, tasks.ShutdownAsync);
        }
    }

    private static void Add<TRequest, TResponse>(TtrpcServer server, string service, string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<TResponse>> handler)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage => server.Add(service, method, async (bytes, cancellation) =>
        {
            TRequest request;
            try
            {
                request = parser.ParseFrom(bytes.Span);
            }
            catch (InvalidProtocolBufferException)
            {
                throw new TtrpcException(TtrpcStatus.InvalidArgument, $"the request of {method} is malformed");
            }

            try
            {
                return await handler(request, cancellation);
            }
            catch (GuestGoneException e)
            {
                throw new TtrpcException(TtrpcStatus.Unavailable, e.Message);
            }
            catch (ArgumentException e)
            {
                // A path with a character that no path has.
                throw new TtrpcException(TtrpcStatus.InvalidArgument, e.Message);
            }
            catch (Exception e) when (e is HostException or IOException or UnauthorizedAccessException)
            {
                throw new TtrpcException(TtrpcStatus.Unknown, e.Message);
            }
        });
}
