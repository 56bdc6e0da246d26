using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Shim.Sandboxes;

namespace Pavise.Host.Shim.Streams;

/// <summary>The standard streams of one process, between containerd's fifos and the guest.</summary>
internal sealed class ProcessStreams : IDisposable
{
    private const int BufferBytes = 32 * 1024;

    private readonly string stdin;
    private readonly IOutput stdout;
    private readonly IOutput stderr;
    private readonly List<Task> outputs = [];
    private readonly List<IDisposable> open = [];
    private InputPump? input;
    private bool inputClosed;
    private bool disposed;

    private ProcessStreams(string stdin, IOutput stdout, IOutput stderr) => (this.stdin, this.stdout, this.stderr) = (stdin, stdout, stderr);

    /// <summary>Opens where output goes; readers of a stream that the policy keeps from the host see its end when the process ends.</summary>
    /// <exception cref="HostException">One cannot be opened.</exception>
    public static async Task<ProcessStreams> OpenAsync(StdioPaths paths, string containerdNamespace, string id, TimeProvider time)
    {
        (IOutput stdout, IOutput stderr) = await Outputs.OpenAsync(paths, containerdNamespace, id, time);
        return new ProcessStreams(paths.Stdin, stdout, stderr);
    }

    /// <summary>Connects the output that the guest offers.</summary>
    /// <exception cref="HostException">The guest refused a stream.</exception>
    public async Task ConnectOutputAsync(Pvm pvm, string containerId, string execId, Stdio offered, CancellationToken cancellation)
    {
        Task output = offered.Stdout ? PumpAsync(StreamKind.Stdout, stdout) : Task.CompletedTask;
        Task error = offered.Stderr && !offered.Terminal ? PumpAsync(StreamKind.Stderr, stderr) : Task.CompletedTask;
        await output;
        await error;

        async Task PumpAsync(StreamKind kind, IOutput to)
        {
            Stream guest = await pvm.Sandbox.OpenStreamAsync(new StreamHeader(kind, containerId, execId), cancellation);
            Remember(guest);
            lock (outputs)
            {
                outputs.Add(MoveAsync(guest, to));
            }
        }
    }

    /// <summary>
    /// Connects standard input. This is part of the start and not of the creation: a client starts to feed as soon as the fifo has a reader, and
    /// can tell the end of its input (CloseIO) only once it knows that the process was made.
    /// </summary>
    /// <exception cref="HostException">The fifo cannot be opened, or the guest refused the stream.</exception>
    public async Task ConnectInputAsync(Pvm pvm, string containerId, string execId, CancellationToken cancellation)
    {
        if (stdin.Length == 0)
        {
            await pvm.CloseStdinAsync(containerId, execId);
            return;
        }

        InputPump pump = InputPump.Open(stdin);
        Remember(pump);
        try
        {
            _ = pump.RunAsync(await pvm.Sandbox.OpenStreamAsync(new StreamHeader(StreamKind.Stdin, containerId, execId), cancellation));
        }
        catch (HostException) when (execId.Length > 0)
        {
            // A short exec has ended already and takes no input.
            pump.Dispose();
        }

        lock (open)
        {
            input = pump;
            if (inputClosed)
            {
                pump.Close();
            }
        }
    }

    /// <summary>Waits until everything that the process wrote is with the host, at most so long; then the readers see the end.</summary>
    public async Task DrainAsync(TimeSpan limit, TimeProvider time)
    {
        await Task.WhenAll(outputs).WaitAsync(limit, time).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        stdout.Complete();
        stderr.Complete();
    }

    /// <summary>CloseIO: no more input will come. It may be asked for before the start.</summary>
    public void CloseInput()
    {
        lock (open)
        {
            inputClosed = true;
            input?.Close();
        }
    }

    public void Dispose()
    {
        lock (open)
        {
            disposed = true;
            open.ForEach(s => s.Dispose());
        }

        stdout.Dispose();
        stderr.Dispose();
    }

    private void Remember(IDisposable end)
    {
        lock (open)
        {
            if (disposed)
            {
                end.Dispose();
            }

            open.Add(end);
        }
    }

    private static async Task MoveAsync(Stream guest, IOutput output)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            await using (guest)
            {
                while (await guest.ReadAsync(buffer) is var length and > 0)
                {
                    await output.WriteAsync(buffer.AsMemory(0, length));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pVM is gone; the exit status tells.
        }
    }
}
