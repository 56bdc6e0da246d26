using System.IO.Pipelines;
using Pavise.Guest.Processes;
using Pavise.Guest.Streams;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>Streams of a process in a session: output out, input in as far as the window allows, signals and sizes at any time.</summary>
internal static class ProcessIo
{
    /// <summary>How long output may still come after the process has ended: from what it left running.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    /// <returns>The exit status.</returns>
    public static async Task<int> RunAsync(VerbContext context, ProcessStreams streams, Task<ExitInfo> ended, Action<int> signal, StdioPlan stdio, CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task outputs = Task.WhenAll(OutputAsync(context, streams, StandardStream.Stdout, over.Token), stdio.Terminal ? Task.CompletedTask : OutputAsync(context, streams, StandardStream.Stderr, over.Token));
        Task messages = MessagesAsync(context, streams, signal, stdio.Stdin == StreamTarget.Owner, over.Token);
        try
        {
            // Who is gone has nobody to run for.
            if (await Task.WhenAny(ended, messages) == messages && !ended.IsCompleted)
            {
                await messages;
            }

            ExitInfo exit = await ended.WaitAsync(cancellation);
            await Task.WhenAny(outputs, Task.Delay(DrainTime, context.Time, cancellation));
            return exit.Status;
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(outputs, messages).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static async Task OutputAsync(VerbContext context, ProcessStreams streams, StandardStream stream, CancellationToken cancellation)
    {
        if (streams.TryClaimForOwner(stream))
        {
            await using OutputStream output = new(context.Connection, stream == StandardStream.Stderr, cancellation);
            await streams.ServeAsync(stream, output, cancellation);
        }
    }

    /// <summary>Takes messages until it is cancelled. Input is kept within the window: nothing here waits for the process.</summary>
    private static async Task MessagesAsync(VerbContext context, ProcessStreams streams, Action<int> signal, bool takesInput, CancellationToken cancellation)
    {
        Pipe input = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        long given = 0, taken = 0;
        Task feeding = Task.CompletedTask;
        if (takesInput && streams.TryClaimForOwner(StandardStream.Stdin))
        {
            await CreditAsync(SessionProtocolLimits.InputWindow);
            feeding = FeedAsync();
        }

        try
        {
            while (true)
            {
                ClientFrame frame = await context.Connection.ReadAsync(cancellation) ?? throw new SessionException("the owner is gone");
                switch (frame.KindCase)
                {
                    case ClientFrame.KindOneofCase.Data when takesInput:
                        taken += frame.Data.Length;
                        await (taken <= Interlocked.Read(ref given) ? input.Writer.WriteAsync(frame.Data.Memory, cancellation) : throw new SessionException("more input than the window holds"));
                        break;
                    case ClientFrame.KindOneofCase.End:
                        await input.Writer.CompleteAsync();
                        break;
                    case ClientFrame.KindOneofCase.Resize when frame.Resize is { Columns: > 0 and <= ushort.MaxValue, Rows: > 0 and <= ushort.MaxValue } size:
                        streams.Resize(size.Columns, size.Rows);
                        break;
                    case ClientFrame.KindOneofCase.Signal when frame.Signal is > 0 and <= 64:
                        signal((int)frame.Signal);
                        break;
                    default:
                        break;
                }
            }
        }
        finally
        {
            await input.Writer.CompleteAsync();
            await feeding.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        async Task CreditAsync(int bytes)
        {
            Interlocked.Add(ref given, bytes);
            await context.Connection.WriteAsync(new ServerFrame { Credit = (uint)bytes }, cancellation);
        }

        async Task FeedAsync()
        {
            await using CreditingStream source = new(input.Reader, CreditAsync);
            await streams.ServeAsync(StandardStream.Stdin, source, cancellation);
            await input.Reader.CompleteAsync();
        }
    }
}
