using Pavise.Boundary.Ttrpc;
using Pavise.Host.Bundles;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Sandboxes;
using Status = Pavise.Host.Shim.Protos.Status;

namespace Pavise.Host.Shim.Tasks;

/// <summary>One task: a container with its processes.</summary>
internal sealed class ContainerTask : IDisposable
{
    private readonly Dictionary<string, TaskProcess> execs = [];

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    public required string Bundle { get; init; }

    public required PodRole Role { get; init; }

    public required TaskProcess Init { get; init; }

    public required Pvm Pvm { get; init; }

    /// <summary>Start, exec and deletion happen one after the other.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public bool Paused { get; set; }

    public bool Deleted { get; set; }

    /// <summary>The exit status of a sandbox that was asked to end; null when nobody asked.</summary>
    public uint? AskedToEnd { get; set; }

    /// <summary>Status of its first process, or paused.</summary>
    public Status Status => Init.Status == Status.Running && Paused ? Status.Paused : Init.Status;

    public IReadOnlyList<TaskProcess> Execs
    {
        get
        {
            lock (execs)
            {
                return [.. execs.Values];
            }
        }
    }

    /// <summary>The first process (empty id) or an exec.</summary>
    /// <exception cref="TtrpcException">There is no such exec.</exception>
    public TaskProcess Find(string execId)
    {
        if (execId.Length == 0)
        {
            return Init;
        }

        lock (execs)
        {
            return execs.GetValueOrDefault(execId) ?? throw new TtrpcException(TtrpcStatus.NotFound, $"exec {execId} of task {Id} does not exist");
        }
    }

    /// <exception cref="TtrpcException">The id is taken.</exception>
    public void Add(TaskProcess exec)
    {
        lock (execs)
        {
            if (!execs.TryAdd(exec.ExecId, exec))
            {
                throw new TtrpcException(TtrpcStatus.AlreadyExists, $"exec {exec.ExecId} of task {Id} exists already");
            }
        }
    }

    public void Remove(TaskProcess exec)
    {
        lock (execs)
        {
            execs.Remove(exec.ExecId);
        }

        exec.Dispose();
    }

    public void Dispose()
    {
        Init.Dispose();
        foreach (TaskProcess exec in Execs)
        {
            exec.Dispose();
        }
    }
}
