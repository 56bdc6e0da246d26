using System.Reflection;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Host.Tests.Shim.Support;

/// <summary>A guest with containers and processes that a test ends, which answers as the real one does about what does not exist or is in another state.</summary>
internal class ModelGuest : DispatchProxy
{
    private readonly Dictionary<string, Process> processes = [];
    private readonly HashSet<string> used = [];

    public List<(string Method, IMessage Request)> Calls { get; } = [];

    /// <summary>Methods that the policy refuses.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>Processes end as soon as they are started, with this status.</summary>
    public uint? EndsAtOnce { get; set; }

    public ReadStatsResponse Stats { get; set; } = new();

    public ListProcessesResponse Processes { get; set; } = new();

    public static (IGuestService Service, ModelGuest Guest) Make()
    {
        IGuestService service = Create<IGuestService, ModelGuest>();
        return (service, (ModelGuest)(object)service);
    }

    public void End(string id, string execId, uint status) => Find(id, execId).Exit.TrySetResult(status);

    public IReadOnlyList<T> All<T>()
        where T : IMessage
    {
        lock (Calls)
        {
            return [.. Calls.Select(c => c.Request).OfType<T>()];
        }
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        string method = targetMethod!.Name;
        lock (Calls)
        {
            Calls.Add((method, (IMessage)args![0]!));
        }

        if (Refused.Contains(method))
        {
            throw new TtrpcException(TtrpcStatus.PermissionDenied, $"refused by the owner's policy, decision {method}");
        }

        return args[0] switch
        {
            CreateContainerRequest r => Task.FromResult(Make(r)),
            StartContainerRequest r => Task.FromResult(Start(r)),
            ExecProcessRequest r => Task.FromResult(Exec(r)),
            SignalProcessRequest r => Task.FromResult(Signal(r)),
            WaitProcessRequest r => WaitAsync(r),
            DeleteContainerRequest r => Task.FromResult(Delete(r)),
            ListProcessesRequest => Task.FromResult(Processes),
            ReadStatsRequest => Task.FromResult(Stats),
            SubscribeEventsRequest => SubscribeAsync((CancellationToken)args[1]!),
            _ => Task.FromResult(new Empty()),
        };
    }

    private static async Task<SubscribeEventsResponse> SubscribeAsync(CancellationToken cancellation)
    {
        await Task.Delay(Timeout.Infinite, cancellation);
        return new SubscribeEventsResponse();
    }

    private static TtrpcException Error(TtrpcStatus status, string message) => new(status, message);

    private CreateContainerResponse Make(CreateContainerRequest request)
    {
        Add(request.ContainerId, "");
        return new CreateContainerResponse { Stdio = new Stdio { Stdout = true, Stderr = true } };
    }

    private StartContainerResponse Start(StartContainerRequest request)
    {
        Process process = Find(request.ContainerId, "");
        process.Started = process.Started ? throw Error(TtrpcStatus.FailedPrecondition, "was started already") : true;
        MaybeEnd(process);
        return new StartContainerResponse { Pid = 2 };
    }

    private ExecProcessResponse Exec(ExecProcessRequest request)
    {
        Process init = Find(request.ContainerId, "");
        if (!init.Started || init.Exit.Task.IsCompleted)
        {
            throw Error(TtrpcStatus.FailedPrecondition, "the container does not run");
        }

        Process exec = Add(request.ContainerId, request.ExecId);
        exec.Started = true;
        MaybeEnd(exec);
        return new ExecProcessResponse { Stdio = new Stdio { Stdout = true, Stderr = true }, Pid = 3 };
    }

    private Empty Signal(SignalProcessRequest request)
    {
        Process process = Find(request.ContainerId, request.ExecId);
        if (!process.Exit.TrySetResult(128 + request.Signal))
        {
            throw Error(TtrpcStatus.NotFound, "has ended");
        }

        return new Empty();
    }

    private async Task<WaitProcessResponse> WaitAsync(WaitProcessRequest request) => new() { ExitStatus = await Find(request.ContainerId, request.ExecId).Exit.Task };

    private DeleteContainerResponse Delete(DeleteContainerRequest request)
    {
        Process process = Find(request.ContainerId, request.ExecId);
        if (process.Started && !process.Exit.Task.IsCompleted && !request.Force)
        {
            throw Error(TtrpcStatus.FailedPrecondition, "still runs");
        }

        lock (processes)
        {
            processes.Remove(Key(request.ContainerId, request.ExecId));
        }

        process.Exit.TrySetResult(137);
        return new DeleteContainerResponse();
    }

    private void MaybeEnd(Process process)
    {
        if (EndsAtOnce is { } status)
        {
            process.Exit.TrySetResult(status);
        }
    }

    private Process Add(string id, string execId)
    {
        lock (processes)
        {
            if (!used.Add(Key(id, execId)))
            {
                throw Error(TtrpcStatus.FailedPrecondition, "an id is never used twice");
            }

            return processes[Key(id, execId)] = new Process();
        }
    }

    private Process Find(string id, string execId)
    {
        lock (processes)
        {
            return processes.GetValueOrDefault(Key(id, execId)) ?? throw Error(TtrpcStatus.NotFound, $"{id} {execId} does not exist");
        }
    }

    private static string Key(string id, string execId) => $"{id}/{execId}";

    private sealed class Process
    {
        public bool Started { get; set; }

        public TaskCompletionSource<uint> Exit { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
