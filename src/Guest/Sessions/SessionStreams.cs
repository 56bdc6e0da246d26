using Pavise.Guest.Streams;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Sessions;

/// <summary>
/// The standard streams of an exec that stands for an owner's session: what the host writes into one, and reads from the other, are the session's bytes, without
/// a pipe in between.
/// </summary>
internal sealed class SessionStreams(TimeProvider time) : IProcessStreams
{
    /// <summary>How long the host may take to open both streams: an engine does it at once.</summary>
    private static readonly TimeSpan OpenTime = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource over = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CarrierStream carrier = new();
    private readonly Lock gate = new();
    private readonly bool[] claimed = new bool[3];

    /// <summary>Serves the session and tells its exit status: 0 when it ended well.</summary>
    public async Task<int> RunAsync(Func<Stream, CancellationToken, Task<int>> serve)
    {
        try
        {
            await carrier.Connected.WaitAsync(OpenTime, time, over.Token);
            return await serve(carrier, over.Token);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or IOException or InvalidOperationException)
        {
            return 1;
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    /// <summary>Ends the session.</summary>
    public void Cut() => over.Cancel();

    public bool TryClaim(StandardStream stream)
    {
        lock (gate)
        {
            return stream != StandardStream.Stderr && !over.IsCancellationRequested && !claimed[(int)stream] && (claimed[(int)stream] = true);
        }
    }

    /// <summary>Keeps the connection open until the session has ended.</summary>
    public Task ServeAsync(StandardStream stream, Stream connection, CancellationToken cancellation)
    {
        carrier.Connect(stream == StandardStream.Stdin, connection);
        return ended.Task.WaitAsync(cancellation);
    }

    /// <summary>The owner's side ends the session itself, inside its TLS: what the host says of the input's end counts when its bytes have come, by closing them.</summary>
    public void EndStdin()
    {
        lock (gate)
        {
            if (!claimed[(int)StandardStream.Stdin])
            {
                over.Cancel();
            }
        }
    }

    public void CloseStdin()
    {
        // The session has ended when this is called.
    }

    public bool Resize(uint columns, uint rows) => false;

    public void Dispose() => over.Cancel();
}
