namespace Pavise.Guest.Processes;

/// <summary>A child whose end somebody wants to know. <see cref="Ended"/> completes once, after the number was freed.</summary>
internal sealed class TrackedChild(int pid)
{
    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Pid => pid;

    /// <summary>0 to 255; 128 + n for signal n.</summary>
    public Task<int> Ended => ended.Task;

    internal void Complete(int status) => ended.TrySetResult(status);
}
