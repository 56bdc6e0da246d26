namespace Pavise.Guest.Streams;

/// <summary>The latest output of one container, in guest memory, for owners who read it in a session. Old output goes first; how much went is told.</summary>
internal sealed class LogRing(TimeProvider time)
{
    /// <summary>Bytes kept: some thousand lines, for each of a pod's containers.</summary>
    public const int Bytes = 1024 * 1024;

    /// <summary>Pieces kept: each costs memory of its own.</summary>
    public const int Pieces = 8192;

    private readonly Queue<LogPiece> kept = new();
    private readonly Lock gate = new();
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int writers;
    private long keptBytes;
    private ulong end;

    /// <summary>Bytes that were written so far: the position of what comes next.</summary>
    public ulong End
    {
        get
        {
            lock (gate)
            {
                return end;
            }
        }
    }

    /// <summary>A stream is going to be written.</summary>
    public void Open()
    {
        lock (gate)
        {
            writers++;
        }
    }

    /// <summary>A stream has ended.</summary>
    public void Close()
    {
        lock (gate)
        {
            writers--;
            Wake();
        }
    }

    public void Add(bool isError, ReadOnlySpan<byte> text)
    {
        LogPiece piece = new(0, isError, time.GetUtcNow().ToUnixTimeMilliseconds(), text.ToArray());
        lock (gate)
        {
            kept.Enqueue(piece with { Position = end });
            end += (ulong)text.Length;
            keptBytes += text.Length;
            while (keptBytes > Bytes || kept.Count > Pieces)
            {
                keptBytes -= kept.Dequeue().Text.Length;
            }

            Wake();
        }
    }

    /// <summary>Where the last so many lines begin, or the oldest that is kept.</summary>
    public ulong Tail(uint lines)
    {
        lock (gate)
        {
            if (lines == 0)
            {
                return end;
            }

            LogPiece[] all = [.. kept];
            long wanted = lines;
            for (int i = all.Length - 1; i >= 0; i--)
            {
                ReadOnlySpan<byte> text = all[i].Text;

                // The line break at the very end ends the last line and begins none.
                int from = i == all.Length - 1 ? text.Length - 2 : text.Length - 1;
                for (int at = from; at >= 0; at--)
                {
                    if (text[at] == (byte)'\n' && --wanted == 0)
                    {
                        return all[i].Position + (ulong)at + 1;
                    }
                }
            }

            return all.Length > 0 ? all[0].Position : end;
        }
    }

    /// <summary>What is kept from a position on, as soon as there is something; empty when nothing will come any more, or when nobody wants to wait.</summary>
    public async Task<IReadOnlyList<LogPiece>> ReadAsync(ulong position, bool wait, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (end > position)
                {
                    return [.. kept.Where(p => p.Position + (ulong)p.Text.Length > position).Select(p => p.From(position))];
                }

                if (!wait || writers == 0)
                {
                    return [];
                }

                next = arrived.Task;
            }

            await next.WaitAsync(cancellation);
        }
    }

    private void Wake()
    {
        arrived.TrySetResult();
        arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A piece of output.</summary>
/// <param name="Position">Of its first byte.</param>
/// <param name="IsError">Standard error.</param>
/// <param name="UnixMs">When it was read.</param>
/// <param name="Text">The bytes.</param>
internal sealed record LogPiece(ulong Position, bool IsError, long UnixMs, byte[] Text)
{
    /// <summary>The part of it from a position on.</summary>
    public LogPiece From(ulong position) => position <= Position ? this : new(position, IsError, UnixMs, Text[(int)(position - Position)..]);
}
