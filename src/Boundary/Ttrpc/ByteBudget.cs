namespace Pavise.Boundary.Ttrpc;

/// <summary>
/// Bytes of requests that a server holds at once, over all its connections. Who wants to read a request takes its bytes before any memory, and waits for its
/// turn: a peer that holds back half of each request stops itself, not the machine.
/// </summary>
/// <param name="bytes">How many there are.</param>
internal sealed class ByteBudget(long bytes)
{
    private readonly Queue<(long Bytes, TaskCompletionSource Turn)> _waiting = new();
    private readonly Lock _gate = new();
    private long _free = bytes;

    /// <summary>Bytes that nobody has.</summary>
    public long Free
    {
        get
        {
            lock (_gate)
            {
                return _free;
            }
        }
    }

    /// <summary>Takes bytes, after those who came before.</summary>
    public async ValueTask TakeAsync(long wanted, CancellationToken cancellation)
    {
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_waiting.Count == 0 && wanted <= _free)
            {
                _free -= wanted;
                return;
            }

            _waiting.Enqueue((wanted, turn));
        }

        await using CancellationTokenRegistration _ = cancellation.Register(() => turn.TrySetCanceled(cancellation));
        try
        {
            await turn.Task;
        }
        catch (OperationCanceledException)
        {
            // Those behind it must not wait for one who is gone.
            Return(0);
            throw;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long taken)
    {
        lock (_gate)
        {
            _free += taken;
            while (_waiting.TryPeek(out (long Bytes, TaskCompletionSource Turn) next) && (next.Turn.Task.IsCompleted || next.Bytes <= _free))
            {
                _waiting.Dequeue();
                if (next.Turn.TrySetResult())
                {
                    _free -= next.Bytes;
                }
            }
        }
    }
}
