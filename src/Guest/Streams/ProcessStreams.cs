using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;
using Pavise.Guest.Processes;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Streams;

/// <summary>
/// The standard streams of one process. Each may be opened once. What a process wrote before it ended stays readable until it is read or
/// the process is deleted. A stream that leads to nobody is /dev/null, unless owners may read it in a session. What leads to the owners the host carries
/// sealed; the streams of a process that an owner runs are the session's own.
/// </summary>
internal sealed class ProcessStreams : IProcessStreams
{
    /// <summary>After this long without a byte, an ended input is taken to have come whole.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly StdioPlan plan;
    private readonly StreamServices services;
    private readonly Channel?[] pipes = new Channel?[3];
    private readonly bool[] claimed = new bool[3];
    private readonly int[] logged = new int[3];
    private readonly List<SafeFileHandle> childEnds = [];
    private readonly TaskCompletionSource<Channel> terminal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stdinClosed;
    private readonly Lock gate = new();
    private bool disposed;
    private bool stdinEnds;

    public ProcessStreams(StdioPlan plan, TimeProvider time, StreamServices? services = null)
    {
        this.plan = plan;
        this.services = services ?? StreamServices.None;
        stdinClosed = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        try
        {
            Descriptors = new(
                ChildEnd(StandardStream.Stdin, plan.Stdin),
                ChildEnd(StandardStream.Stdout, plan.Stdout),
                ChildEnd(StandardStream.Stderr, plan.Stderr));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The process's ends; closed by <see cref="Launched"/>.</summary>
    public Crun.Descriptors Descriptors { get; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool HasTerminal => plan.Terminal;

    /// <summary>The process has its ends: ours of them are closed, and the terminal is connected.</summary>
    public void Launched(SafeFileHandle? master, uint columns, uint rows)
    {
        childEnds.ForEach(e => e.Dispose());
        if (master is null)
        {
            // What nobody carries is kept for the owners all the same.
            foreach (StandardStream output in Outputs.Where(o => pipes[(int)o] is not null && Target(o) == StreamTarget.None))
            {
                _ = DrainAsync(output, pipes[(int)output]!);
            }

            return;
        }

        if (columns > 0 && rows > 0)
        {
            LinuxTerminals.Resize(master, (ushort)columns, (ushort)rows);
        }

        Channel channel = new(master);
        lock (gate)
        {
            if (disposed || !terminal.TrySetResult(channel))
            {
                channel.Dispose();
                return;
            }
        }

        if (plan.Stdout == StreamTarget.None)
        {
            _ = DrainAsync(StandardStream.Stdout, channel);
        }
    }

    /// <summary>The process will never be started: whoever reads its output sees the end.</summary>
    public void Abandon()
    {
        childEnds.ForEach(e => e.Dispose());
        terminal.TrySetCanceled();
        CloseStdin();
    }

    public bool TryClaim(StandardStream stream) => TryClaim(stream, HostCarries(stream));

    /// <summary>Whether a stream is an owner's own and nobody has opened it; if so it is taken, for a session.</summary>
    public bool TryClaimForOwner(StandardStream stream) => TryClaim(stream, Exists(stream) && Target(stream) == StreamTarget.Owner && !HostCarries(stream));

    private bool TryClaim(StandardStream stream, bool exists)
    {
        lock (gate)
        {
            if (disposed || !exists || claimed[(int)stream])
            {
                return false;
            }

            return claimed[(int)stream] = true;
        }
    }

    public async Task ServeAsync(StandardStream stream, Stream connection, CancellationToken cancellation)
    {
        Channel channel = pipes[(int)stream] ?? await terminal.Task.WaitAsync(cancellation);
        if (stream != StandardStream.Stdin)
        {
            using (channel)
            {
                await OutputAsync(stream, channel, connection, cancellation);
            }

            return;
        }

        using CancellationTokenSource input = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stdinClosed.Token);
        try
        {
            await Relay.InputAsync(connection, channel, Moved, input.Token);
        }
        finally
        {
            CloseStdin();
        }
    }

    /// <summary>
    /// Ends standard input. The request travels on another connection than the bytes: those that are still on their way are relayed first.
    /// A terminal has no end of its own: its output goes on, only the typing stops.
    /// </summary>
    public void EndStdin()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            if (claimed[(int)StandardStream.Stdin])
            {
                stdinEnds = true;
                stdinClosed.CancelAfter(Quiet);
                return;
            }
        }

        CloseStdin();
    }

    /// <summary>Closes standard input at once: the process has ended, or the host has.</summary>
    public void CloseStdin()
    {
        lock (gate)
        {
            claimed[(int)StandardStream.Stdin] = true;
            if (!disposed)
            {
                stdinClosed.Cancel();
            }
        }

        pipes[(int)StandardStream.Stdin]?.Dispose();
    }

    public bool Resize(uint columns, uint rows)
    {
        lock (gate)
        {
            if (disposed || !terminal.Task.IsCompletedSuccessfully)
            {
                return false;
            }

            using SafeFileHandle master = terminal.Task.Result.Borrow();
            LinuxTerminals.Resize(master, (ushort)columns, (ushort)rows);
            return true;
        }
    }

    /// <summary>The process is deleted. Output that is being read is read to its end, which comes now that every writer is gone.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
            stdinClosed.Cancel();
        }

        childEnds.ForEach(e => e.Dispose());
        pipes[(int)StandardStream.Stdin]?.Dispose();
        foreach (StandardStream output in Outputs.Where(o => !claimed[(int)o]))
        {
            pipes[(int)output]?.Dispose();
            EndLog(output);
        }

        if (!terminal.TrySetCanceled() && terminal.Task.IsCompletedSuccessfully && !claimed[(int)StandardStream.Stdout])
        {
            terminal.Task.Result.Dispose();
        }
    }

    private void Moved()
    {
        lock (gate)
        {
            if (stdinEnds && !disposed)
            {
                stdinClosed.CancelAfter(Quiet);
            }
        }
    }

    private static IEnumerable<StandardStream> Outputs => [StandardStream.Stdout, StandardStream.Stderr];

    private bool Exists(StandardStream stream) => stream != StandardStream.Stderr || !plan.Terminal;

    private StreamTarget Target(StandardStream stream) => stream switch
    {
        StandardStream.Stdin => plan.Stdin,
        StandardStream.Stdout => plan.Stdout,
        _ => plan.Stderr,
    };

    /// <summary>In clear where the policy says so, sealed where it leads to the owners.</summary>
    private bool HostCarries(StandardStream stream) =>
        Exists(stream) && (Target(stream) == StreamTarget.Host || (Target(stream) == StreamTarget.Owner && stream != StandardStream.Stdin && services.Seal is not null));

    private async Task OutputAsync(StandardStream stream, Channel channel, Stream? connection, CancellationToken cancellation)
    {
        Action<ReadOnlySpan<byte>>? tap = services.Log is { } log ? text => log.Add(stream == StandardStream.Stderr, text) : null;
        try
        {
            if (connection is not null && Target(stream) == StreamTarget.Owner && services.Seal is { } seal)
            {
                await SealedRelay.OutputAsync(channel, connection, c => seal(stream, c), tap, cancellation);
            }
            else
            {
                await Relay.OutputAsync(channel, connection, tap, cancellation);
            }
        }
        finally
        {
            EndLog(stream);
        }
    }

    private async Task DrainAsync(StandardStream stream, Channel channel)
    {
        claimed[(int)stream] = true;
        using (channel)
        {
            await OutputAsync(stream, channel, null, CancellationToken.None);
        }
    }

    private void EndLog(StandardStream stream)
    {
        if (services.Log is { } log && Interlocked.Exchange(ref logged[(int)stream], 0) == 1)
        {
            log.Close();
        }
    }

    private SafeFileHandle ChildEnd(StandardStream stream, StreamTarget target)
    {
        SafeFileHandle child;
        bool input = stream == StandardStream.Stdin;
        if (services.Log is { } log && !input && Exists(stream))
        {
            log.Open();
            logged[(int)stream] = 1;
        }

        if (plan.Terminal || (target == StreamTarget.None && (input || services.Log is null)))
        {
            child = LinuxFiles.OpenNull();
        }
        else
        {
            (SafeFileHandle read, SafeFileHandle write) = LinuxFiles.Pipe();
            child = input ? read : write;
            pipes[(int)stream] = new Channel(input ? write : read);
        }

        childEnds.Add(child);
        return child;
    }
}
