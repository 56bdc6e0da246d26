using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Streams;

namespace Pavise.Host.Shim.Tasks;

/// <summary>One process as containerd knows it: a task's first process or an exec.</summary>
/// <param name="containerId">The task.</param>
/// <param name="execId">The exec; empty for the first process.</param>
/// <param name="stdio">Where its standard streams go.</param>
internal sealed class TaskProcess(string containerId, string execId, StdioPaths stdio) : IDisposable
{
    private readonly TaskCompletionSource<ExitInfo> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private volatile bool started;
    private bool inputClosed;

    public string ContainerId => containerId;

    public string ExecId => execId;

    /// <summary>How events and answers name it: the exec's id, or the task's.</summary>
    public string Id => execId.Length > 0 ? execId : containerId;

    public StdioPaths Stdio => stdio;

    /// <summary>The OCI process object of an exec.</summary>
    public byte[] Spec { get; init; } = [];

    /// <summary>A live process of this node that stands for it; 0 before the start.</summary>
    public int Pid { get; set; }

    /// <summary>Its standard streams; an exec has them from its start on.</summary>
    public ProcessStreams? Streams { get; private set; }

    /// <summary>Whether the guest lets the host feed its standard input.</summary>
    public bool TakesInput { get; set; }

    public bool Started => started;

    /// <summary>Completes when it has ended and its output is with the host.</summary>
    public Task<ExitInfo> Exited => exited.Task;

    public bool HasExited => exited.Task.IsCompleted;

    public Status Status => HasExited ? Status.Stopped : started ? Status.Running : Status.Created;

    public void SetStarted() => started = true;

    /// <summary>Records the end; false when it was recorded before.</summary>
    public bool TryExit(ExitInfo exit) => exited.TrySetResult(exit);

    /// <summary>Gives it its streams; CloseIO may have been asked for before.</summary>
    public void SetStreams(ProcessStreams streams)
    {
        lock (gate)
        {
            Streams = streams;
            if (inputClosed)
            {
                streams.CloseInput();
            }
        }
    }

    /// <summary>No more input will come.</summary>
    public void CloseInput()
    {
        lock (gate)
        {
            inputClosed = true;
            Streams?.CloseInput();
        }
    }

    public void Dispose() => Streams?.Dispose();
}
