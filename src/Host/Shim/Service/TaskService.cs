using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Events;
using Pavise.Host.Shim.Logging;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Tasks;

namespace Pavise.Host.Shim.Service;

/// <summary>What containerd asks of its tasks in this shim.</summary>
/// <param name="maker">Makes tasks.</param>
/// <param name="events">Takes events.</param>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
internal sealed partial class TaskService(TaskMaker maker, EventQueue events, ShimLog log, TimeProvider time)
{
    private static readonly Empty Done = new();

    private readonly Dictionary<string, ContainerTask?> tasks = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when containerd needs this shim no more.</summary>
    public Task Ended => ended.Task;

    /// <summary>Whether there is no task, not even one that is being made.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (tasks)
            {
                return tasks.Count == 0;
            }
        }
    }

    /// <summary>This shim's pid, and that of a task.</summary>
    public ConnectResponse Connect(ConnectRequest request)
    {
        ContainerTask? task;
        lock (tasks)
        {
            task = tasks.GetValueOrDefault(request.Id);
        }

        return new ConnectResponse { ShimPid = (uint)Environment.ProcessId, TaskPid = (uint)(task?.Init.Pid ?? 0) };
    }

    /// <summary>Ends the shim if it has no task; with <c>now</c> whatever it has.</summary>
    public async Task<Empty> ShutdownAsync(ShutdownRequest request, CancellationToken cancellation)
    {
        if (request.Now)
        {
            await StopAllAsync();
        }

        lock (tasks)
        {
            if (request.Now || tasks.Count == 0)
            {
                ended.TrySetResult();
            }
        }

        return Done;
    }

    /// <summary>Ends a shim that was started and then given no task: the containerd that wanted one was killed in between, and none looks after it (1.6).</summary>
    public void EndIfUnused()
    {
        lock (tasks)
        {
            if (tasks.Count == 0)
            {
                ended.TrySetResult();
            }
        }
    }

    /// <summary>Ends every pVM.</summary>
    public async Task StopAllAsync()
    {
        ContainerTask[] all;
        lock (tasks)
        {
            all = [.. tasks.Values.OfType<ContainerTask>()];
        }

        await Task.WhenAll(all.Select(t => t.Pvm.StopAsync(TimeSpan.Zero)));
    }

    private ContainerTask Get(string id) => Find(id) ?? throw new TtrpcException(TtrpcStatus.NotFound, $"task {id} does not exist");

    private ContainerTask? Find(string id)
    {
        lock (tasks)
        {
            return tasks.GetValueOrDefault(id);
        }
    }

    /// <summary>Starts, execs and deletions of one task happen one after the other; one that waited for a deletion finds nothing.</summary>
    private async Task<T> InTurnAsync<T>(ContainerTask task, Func<Task<T>> action, CancellationToken cancellation)
    {
        await task.Turn.WaitAsync(cancellation);
        try
        {
            return task.Deleted ? throw new TtrpcException(TtrpcStatus.NotFound, $"task {task.Id} does not exist") : await action();
        }
        finally
        {
            task.Turn.Release();
        }
    }
}
