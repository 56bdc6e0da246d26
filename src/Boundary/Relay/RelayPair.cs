namespace Pavise.Boundary.Relay;

/// <summary>One side of a relayed connection.</summary>
/// <param name="Owner">Closes the descriptor in order; the relay disposes it.</param>
/// <param name="Descriptor">A stream socket that does not block.</param>
/// <param name="IsTcp">Whether it is a TCP socket, which can be reset.</param>
public readonly record struct RelaySocket(IDisposable Owner, int Descriptor, bool IsTcp);

/// <summary>Two sides and the two directions between them. Used by the relay's thread alone.</summary>
internal sealed class RelayPair
{
    public RelayPair(RelaySocket first, RelaySocket second)
    {
        First = new RelayEnd(first);
        Second = new RelayEnd(second);
        RelayDirection there = new(this, First, Second), back = new(this, Second, First);
        (there.Other, back.Other) = (back, there);
        (First.Out, First.In, Second.Out, Second.In) = (there, back, back, there);
    }

    public RelayEnd First { get; }

    public RelayEnd Second { get; }

    public ulong FirstToken { get; set; }

    public ulong SecondToken { get; set; }

    public bool IsFinished { get; set; }

    public TaskCompletionSource<bool> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One side, with the direction that begins here and the one that ends here.</summary>
internal sealed class RelayEnd(RelaySocket socket)
{
    public RelaySocket Socket => socket;

    public int Descriptor { get; } = socket.Descriptor;

    public RelayDirection Out { get; set; } = null!;

    public RelayDirection In { get; set; } = null!;
}

/// <summary>One direction: what it keeps is either in its pipe, or in its buffer, or nowhere.</summary>
internal sealed class RelayDirection(RelayPair pair, RelayEnd from, RelayEnd to)
{
    private byte[] buffer = [];
    private int start;

    public RelayPair Pair => pair;

    public RelayEnd From => from;

    public RelayEnd To => to;

    public RelayDirection Other { get; set; } = null!;

    public bool HasEnded { get; set; }

    public bool Queued { get; set; }

    /// <summary>Whether the last piece was so large that a pipe is worth while.</summary>
    public bool Bulk { get; set; }

    public (int Read, int Write) Pipe { get; set; } = (-1, -1);

    public int InPipe { get; set; }

    public int Kept => buffer.Length - start;

    public ReadOnlySpan<byte> KeptBytes => buffer.AsSpan(start);

    public void Keep(ReadOnlySpan<byte> bytes) => (buffer, start) = (bytes.ToArray(), 0);

    public void Took(int count)
    {
        start += count;
        if (Kept == 0)
        {
            Drop();
        }
    }

    public void Drop() => (buffer, start) = ([], 0);
}
