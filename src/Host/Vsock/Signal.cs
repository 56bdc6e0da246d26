namespace Pavise.Host.Vsock;

/// <summary>Wakes whoever waits. Not synchronised: waiting and setting happen under the owner's lock.</summary>
internal sealed class Signal
{
    private TaskCompletionSource? _waiter;

    /// <summary>Completes at the next <see cref="Set"/>.</summary>
    public Task WaitAsync() => (_waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Set()
    {
        TaskCompletionSource? waiter = _waiter;
        _waiter = null;
        waiter?.TrySetResult();
    }
}
