using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;
using Pavise.Guest.Processes;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Streams;

/// <summary>
/// The standard streams of one process. Each may be opened once. What a process wrote before it ended stays readable until it is read or
/// the process is deleted. A stream whose target is not the host is /dev/null.
/// </summary>
internal sealed class ProcessStreams : IDisposable
{
    /// <summary>After this long without a byte, an ended input is taken to have come whole.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly StdioPlan plan;
    private readonly Channel?[] pipes = new Channel?[3];
    private readonly bool[] claimed = new bool[3];
    private readonly List<SafeFileHandle> childEnds = [];
    private readonly TaskCompletionSource<Channel> terminal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stdinClosed;
    private readonly Lock gate = new();
    private bool disposed;
    private bool stdinEnds;

    public ProcessStreams(StdioPlan plan, TimeProvider time)
    {
        this.plan = plan;
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

        if (plan.Stdout != StreamTarget.Host)
        {
            _ = Relay.OutputAsync(channel, null, CancellationToken.None);
        }
    }

    /// <summary>The process will never be started: whoever reads its output sees the end.</summary>
    public void Abandon()
    {
        childEnds.ForEach(e => e.Dispose());
        terminal.TrySetCanceled();
        CloseStdin();
    }

    /// <summary>Whether a stream exists for the host and nobody has opened it; if so it is taken.</summary>
    public bool TryClaim(StandardStream stream)
    {
        lock (gate)
        {
            if (disposed || !Exists(stream) || claimed[(int)stream])
            {
                return false;
            }

            return claimed[(int)stream] = true;
        }
    }

    /// <summary>Relays a claimed stream until it ends.</summary>
    public async Task ServeAsync(StandardStream stream, Stream connection, CancellationToken cancellation)
    {
        Channel channel = pipes[(int)stream] ?? await terminal.Task.WaitAsync(cancellation);
        if (stream != StandardStream.Stdin)
        {
            using (channel)
            {
                await Relay.OutputAsync(channel, connection, cancellation);
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

    /// <summary>Sets the terminal's size.</summary>
    /// <returns>False if there is no terminal, or none yet.</returns>
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
        foreach (StandardStream output in new[] { StandardStream.Stdout, StandardStream.Stderr })
        {
            if (!claimed[(int)output])
            {
                pipes[(int)output]?.Dispose();
            }
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

    private bool Exists(StandardStream stream) => stream switch
    {
        StandardStream.Stdin => plan.Stdin == StreamTarget.Host,
        StandardStream.Stdout => plan.Stdout == StreamTarget.Host,
        _ => plan.Stderr == StreamTarget.Host && !plan.Terminal,
    };

    private SafeFileHandle ChildEnd(StandardStream stream, StreamTarget target)
    {
        SafeFileHandle child;
        if (plan.Terminal || target != StreamTarget.Host)
        {
            child = LinuxFiles.OpenNull();
        }
        else
        {
            (SafeFileHandle read, SafeFileHandle write) = LinuxFiles.Pipe();
            bool input = stream == StandardStream.Stdin;
            child = input ? read : write;
            pipes[(int)stream] = new Channel(input ? write : read);
        }

        childEnds.Add(child);
        return child;
    }
}
