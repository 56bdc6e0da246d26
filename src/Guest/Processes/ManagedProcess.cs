using Pavise.Guest.Streams;

namespace Pavise.Guest.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Status">0 to 255; 128 + n for signal n.</param>
/// <param name="UnixNs">When, in nanoseconds since 1970-01-01 UTC.</param>
internal readonly record struct ExitInfo(int Status, long UnixNs);

/// <summary>A container's first process, or an exec.</summary>
internal sealed class ManagedProcess(string execId, IProcessStreams streams)
{
    private readonly TaskCompletionSource<ExitInfo> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Exec id; empty for a first process.</summary>
    public string ExecId => execId;

    public IProcessStreams Streams => streams;

    /// <summary>The process in the kernel, once started.</summary>
    public TrackedChild? Child { get; set; }

    /// <summary>Ends it, where it stands for an owner's session and no program runs; else null.</summary>
    public Action? EndSession { get; init; }

    /// <summary>Completes when it has ended and everybody inside the guest who counts ends was told.</summary>
    public Task<ExitInfo> Ended => ended.Task;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => ended.Task.IsCompleted;

    public bool Complete(ExitInfo info) => ended.TrySetResult(info);
}
