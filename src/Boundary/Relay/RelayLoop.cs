using System.Collections.Concurrent;

namespace Pavise.Boundary.Relay;

/// <summary>
/// One thread that moves the bytes of all connections between pairs of sockets. Small pieces go through one buffer; as soon as a peer sends more than
/// that holds they move by splice through a pipe, which a direction has only as long as it needs it. No read before the last write is done: a slow reader
/// slows the writer. An idle connection holds neither buffer nor pipe.
/// </summary>
public sealed class RelayLoop : IDisposable
{
    /// <summary>Bytes of one read; and of what a direction keeps when its reader does not take them.</summary>
    internal const int PieceBytes = 16 * 1024;

    /// <summary>Bytes that all directions together may keep before new reads become small.</summary>
    internal const long KeptBytes = 64L * 1024 * 1024;

    private const int SmallPieceBytes = 1024;
    private const int EventsAtOnce = 256;
    private const int IdlePipes = 64;
    private const ulong WakeToken = ulong.MaxValue;

    private readonly IRelayKernel kernel;
    private readonly int poll;
    private readonly int wake;
    private readonly byte[] buffer = new byte[PieceBytes];
    private readonly Lock gate = new();
    private readonly List<object?> slots = [];
    private readonly List<uint> generations = [];
    private readonly Stack<int> free = new();
    private readonly Stack<(int Read, int Write)> pipes = new();
    private readonly ConcurrentQueue<RelayPair> added = new();
    private Queue<RelayDirection> busy = new();
    private Queue<RelayDirection> next = new();
    private long kept;
    private volatile bool stopped;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="IOException">The kernel gives no epoll instance.</exception>
    public RelayLoop(IRelayKernel kernel)
    {
        this.kernel = kernel;
        poll = kernel.CreatePoll();
        wake = kernel.CreateEvent();
        if (poll < 0 || wake < 0)
        {
            throw new IOException($"the relay has no epoll instance: errno {-Math.Min(poll, wake)}");
        }

        kernel.Watch(poll, wake, RelayEvents.In | RelayEvents.Edge, WakeToken);
        new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "relay" }.Start();
    }

    internal IRelayKernel Kernel => kernel;

    /// <summary>Relays until both directions have ended, or one has failed; the two are closed then.</summary>
    /// <param name="first">A stream socket that does not block.</param>
    /// <param name="second">The other; a TCP socket is reset where its partner broke off.</param>
    /// <returns>Whether both directions ended in order.</returns>
    public Task<bool> RunAsync(RelaySocket first, RelaySocket second)
    {
        RelayPair pair = new(first, second);
        added.Enqueue(pair);
        kernel.Signal(wake);
        return pair.Ended.Task;
    }

    /// <summary>Completes when a descriptor can be read, or written. One wait for each descriptor at a time, and none while it is relayed.</summary>
    internal async Task WaitAsync(int descriptor, bool write, CancellationToken cancellation)
    {
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ulong token = Take(ready);
        try
        {
            int result = kernel.Watch(poll, descriptor, (write ? RelayEvents.Out : RelayEvents.In | RelayEvents.PeerEnd) | RelayEvents.OneShot, token);
            if (result < 0)
            {
                throw new IOException($"waiting for a socket: errno {-result}");
            }

            await ready.Task.WaitAsync(cancellation);
        }
        finally
        {
            Release(token);
        }
    }

    /// <summary>Ends the thread; what is relayed stays as it is.</summary>
    public void Dispose()
    {
        stopped = true;
        kernel.Signal(wake);
    }

    private ulong Take(object holder)
    {
        lock (gate)
        {
            if (!free.TryPop(out int slot))
            {
                slot = slots.Count;
                slots.Add(null);
                generations.Add(0);
            }

            slots[slot] = holder;
            return ((ulong)generations[slot] << 32) | (uint)slot;
        }
    }

    private void Release(ulong token)
    {
        lock (gate)
        {
            int slot = (int)(uint)token;
            slots[slot] = null;
            generations[slot]++;
            free.Push(slot);
        }
    }

    private object? Holder(ulong token)
    {
        lock (gate)
        {
            int slot = (int)(uint)token;
            return slot < slots.Count && generations[slot] == (uint)(token >> 32) ? slots[slot] : null;
        }
    }

    private void Run()
    {
        PollEvent[] events = new PollEvent[EventsAtOnce];
        while (!stopped)
        {
            while (added.TryDequeue(out RelayPair? pair))
            {
                Begin(pair);
            }

            if (busy.Count > 0)
            {
                // Those that had more than their turn; new events come in between.
                (busy, next) = (next, busy);
                while (next.TryDequeue(out RelayDirection? direction))
                {
                    direction.Queued = false;
                    Move(direction);
                }

                kernel.Signal(wake);
            }

            int count = kernel.Wait(poll, events);
            for (int i = 0; i < count; i++)
            {
                // The wake-up is edge-triggered: nobody needs to read it.
                if (events[i].Token != WakeToken)
                {
                    Handle(events[i]);
                }
            }
        }
    }

    private void Begin(RelayPair pair)
    {
        const uint all = RelayEvents.In | RelayEvents.Out | RelayEvents.PeerEnd | RelayEvents.Edge;
        pair.FirstToken = Take(pair.First);
        pair.SecondToken = Take(pair.Second);
        if (kernel.Watch(poll, pair.First.Descriptor, all, pair.FirstToken) < 0 || kernel.Watch(poll, pair.Second.Descriptor, all, pair.SecondToken) < 0)
        {
            Finish(pair, inOrder: false);
        }
    }

    private void Handle(in PollEvent e)
    {
        switch (Holder(e.Token))
        {
            case TaskCompletionSource ready:
                ready.TrySetResult();
                break;
            case RelayEnd end:
                if ((e.Events & (RelayEvents.In | RelayEvents.PeerEnd | RelayEvents.HangUp | RelayEvents.Error)) != 0)
                {
                    Move(end.Out);
                }

                if ((e.Events & (RelayEvents.Out | RelayEvents.HangUp | RelayEvents.Error)) != 0)
                {
                    Move(end.In);
                }

                break;
        }
    }

    /// <summary>Moves what can be moved, at most a turn's worth.</summary>
    private void Move(RelayDirection direction)
    {
        const int turns = 16;
        RelayPair pair = direction.Pair;
        for (int turn = 0; turn < turns && !pair.IsFinished && !direction.HasEnded; turn++)
        {
            int moved = direction.InPipe > 0 ? Drain(direction) : direction.Kept > 0 ? SendKept(direction) : direction.Bulk ? Splice(direction) : Copy(direction);
            if (moved == RelayEvents.Again)
            {
                Rest(direction);
                return;
            }

            if (moved < 0 && moved != RelayEvents.Interrupted)
            {
                Finish(pair, inOrder: false);
            }
        }

        if (!pair.IsFinished && !direction.HasEnded && !direction.Queued)
        {
            direction.Queued = true;
            busy.Enqueue(direction);
        }
    }

    /// <summary>Through the buffer; what the other side does not take now is kept.</summary>
    private int Copy(RelayDirection direction)
    {
        Span<byte> room = buffer.AsSpan(0, kept > KeptBytes ? SmallPieceBytes : PieceBytes);
        int got = kernel.Receive(direction.From.Descriptor, room);
        if (got <= 0)
        {
            return got < 0 ? got : End(direction);
        }

        direction.Bulk = got == PieceBytes;
        int sent = kernel.Send(direction.To.Descriptor, buffer.AsSpan(0, got));
        if (sent == got)
        {
            return got;
        }

        if (sent < 0 && sent != RelayEvents.Again && sent != RelayEvents.Interrupted)
        {
            return sent;
        }

        direction.Keep(buffer.AsSpan(Math.Max(0, sent), got - Math.Max(0, sent)));
        kept += direction.Kept;
        return got;
    }

    private int SendKept(RelayDirection direction)
    {
        int sent = kernel.Send(direction.To.Descriptor, direction.KeptBytes);
        if (sent > 0)
        {
            kept -= sent;
            direction.Took(sent);
        }

        return sent;
    }

    private int Splice(RelayDirection direction)
    {
        if (direction.Pipe.Read < 0)
        {
            if (!pipes.TryPop(out (int Read, int Write) pipe) && kernel.Pipe(out pipe.Read, out pipe.Write) < 0)
            {
                // Descriptors are short: through the buffer then.
                direction.Bulk = false;
                return RelayEvents.Interrupted;
            }

            direction.Pipe = pipe;
        }

        int got = kernel.Splice(direction.From.Descriptor, direction.Pipe.Write, 4 * PieceBytes);
        if (got == 0)
        {
            return End(direction);
        }

        if (got > 0)
        {
            direction.InPipe = got;
            direction.Bulk = got >= PieceBytes;
        }

        return got;
    }

    private int Drain(RelayDirection direction)
    {
        int sent = kernel.Splice(direction.Pipe.Read, direction.To.Descriptor, direction.InPipe);
        if (sent > 0)
        {
            direction.InPipe -= sent;
            if (direction.InPipe == 0 && !direction.Bulk)
            {
                GiveBack(direction);
            }
        }

        return sent;
    }

    /// <summary>Nothing to read now: an empty pipe goes back.</summary>
    private void Rest(RelayDirection direction)
    {
        if (direction.InPipe == 0)
        {
            GiveBack(direction);
            direction.Bulk = false;
        }
    }

    private void GiveBack(RelayDirection direction)
    {
        if (direction.Pipe.Read < 0)
        {
            return;
        }

        if (direction.InPipe == 0 && pipes.Count < IdlePipes)
        {
            pipes.Push(direction.Pipe);
        }
        else
        {
            kernel.Close(direction.Pipe.Read);
            kernel.Close(direction.Pipe.Write);
        }

        direction.Pipe = (-1, -1);
    }

    /// <summary>One side sends no more. Where it does not receive either although it was not all sent to it, it broke off.</summary>
    private int End(RelayDirection direction)
    {
        RelayPair pair = direction.Pair;
        RelayDirection other = direction.Other;
        if (!other.HasEnded && kernel.IsHungUp(direction.From.Descriptor))
        {
            Finish(pair, inOrder: false);
            return 0;
        }

        direction.HasEnded = true;
        GiveBack(direction);
        _ = kernel.EndSending(direction.To.Descriptor);
        if (other.HasEnded)
        {
            Finish(pair, inOrder: true);
        }

        return 0;
    }

    private void Finish(RelayPair pair, bool inOrder)
    {
        if (pair.IsFinished)
        {
            return;
        }

        pair.IsFinished = true;
        foreach (RelayDirection direction in (ReadOnlySpan<RelayDirection>)[pair.First.Out, pair.Second.Out])
        {
            kept -= direction.Kept;
            direction.Drop();
            GiveBack(direction);
        }

        Release(pair.FirstToken);
        Release(pair.SecondToken);
        foreach (RelayEnd end in (ReadOnlySpan<RelayEnd>)[pair.First, pair.Second])
        {
            if (!inOrder && end.Socket.IsTcp)
            {
                kernel.ResetOnClose(end.Descriptor);
            }

            end.Socket.Owner.Dispose();
        }

        pair.Ended.TrySetResult(inOrder);
    }
}
