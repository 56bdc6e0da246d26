using System.IO.Pipelines;

namespace Pavise.Session.Tests.Protocol;

/// <summary>What a carrier does once to one piece of what passes through it.</summary>
internal enum Mischief
{
    Delay, Drop, Duplicate, Reorder, Reflect, Truncate, Flip, Insert, Splice,
}

/// <summary>Carries bytes both ways and records them; at one piece it does one thing that a carrier should not.</summary>
internal sealed class HostileCarrier
{
    /// <summary>After this long without a change nobody has anything to say any more: the carrier hangs up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(40);

    private readonly Mischief? mischief;
    private readonly bool toGuest;
    private readonly int at;
    private readonly Random random;
    private readonly IReadOnlyList<byte[]> foreign;
    private readonly Pipe up = new(), down = new(), upCarried = new(), downCarried = new();
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly List<byte[]> recorded = [];
    private byte[]? held;
    private int seen;

    public HostileCarrier(Mischief? mischief = null, bool toGuest = false, int at = 0, int seed = 0, IReadOnlyList<byte[]>? foreign = null)
    {
        (this.mischief, this.toGuest, this.at, this.foreign) = (mischief, toGuest, at, foreign ?? []);
        random = new(seed);
        Owner = new Wire(downCarried.Reader, up.Writer);
        Guest = new Wire(upCarried.Reader, down.Writer);
        _ = CarryAsync(up.Reader, isToGuest: true);
        _ = CarryAsync(down.Reader, isToGuest: false);
    }

    public Wire Owner { get; }

    public Wire Guest { get; }

    /// <summary>Whether it was done.</summary>
    public bool Done { get; private set; }

    /// <summary>Everything that passed.</summary>
    public IReadOnlyList<byte[]> Recorded
    {
        get
        {
            lock (gate)
            {
                return [.. recorded];
            }
        }
    }

    private async Task CarryAsync(PipeReader from, bool isToGuest)
    {
        try
        {
            byte[] buffer = new byte[64 * 1024];
            await using Stream source = from.AsStream();
            while (await source.ReadAsync(buffer) is var length and > 0)
            {
                await CarryAsync(buffer[..length], isToGuest);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
        {
        }

        await (isToGuest ? upCarried : downCarried).Writer.CompleteAsync();
    }

    private async Task CarryAsync(byte[] piece, bool isToGuest)
    {
        bool now;
        lock (gate)
        {
            recorded.Add(piece);
            now = mischief is not null && !Done && isToGuest == toGuest && seen++ == at;
            Done |= now;
        }

        foreach ((bool there, byte[] bytes) in now ? Do(piece, isToGuest) : Held(piece, isToGuest))
        {
            await SendAsync(bytes, there);
        }

        if (now && mischief is not Mischief.Delay)
        {
            _ = HangUpAsync();
        }
    }

    private IEnumerable<(bool ToGuest, byte[] Bytes)> Held(byte[] piece, bool isToGuest)
    {
        yield return (isToGuest, piece);
        if (isToGuest == toGuest && Interlocked.Exchange(ref held, null) is { } late)
        {
            yield return (isToGuest, late);
        }
    }

    private IEnumerable<(bool ToGuest, byte[] Bytes)> Do(byte[] piece, bool isToGuest)
    {
        int place = random.Next(piece.Length);
        switch (mischief)
        {
            case Mischief.Drop:
                return [];
            case Mischief.Duplicate:
                return [(isToGuest, piece), (isToGuest, piece)];
            case Mischief.Reorder:
                held = piece;
                return [];
            case Mischief.Reflect:
                return [(!isToGuest, piece), (isToGuest, piece)];
            case Mischief.Truncate:
                return [(isToGuest, piece[..place])];
            case Mischief.Flip:
                piece[place] ^= (byte)(1 << random.Next(8));
                return [(isToGuest, piece)];
            case Mischief.Insert:
                byte[] noise = new byte[random.Next(1, 64)];
                random.NextBytes(noise);
                return [(isToGuest, [.. piece[..place], .. noise, .. piece[place..]])];
            case Mischief.Splice:
                return [(isToGuest, foreign[random.Next(foreign.Count)]), (isToGuest, piece)];
            default:
                return [(isToGuest, piece[..place]), (isToGuest, piece[place..])];
        }
    }

    private async Task SendAsync(byte[] bytes, bool there)
    {
        if (bytes.Length == 0)
        {
            return;
        }

        await writing.WaitAsync();
        try
        {
            await (there ? upCarried : downCarried).Writer.WriteAsync(bytes);
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task HangUpAsync()
    {
        await Task.Delay(Patience);
        await up.Reader.CompleteAsync();
        await down.Reader.CompleteAsync();
        up.Reader.CancelPendingRead();
        await upCarried.Writer.CompleteAsync();
        await downCarried.Writer.CompleteAsync();
    }
}
