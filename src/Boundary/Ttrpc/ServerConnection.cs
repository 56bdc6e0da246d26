using System.Collections.Concurrent;
using Google.Protobuf;

namespace Pavise.Boundary.Ttrpc;

/// <summary>One connection of a <see cref="TtrpcServer"/>: reads requests, runs each on its own task, writes the answers.</summary>
internal sealed class ServerConnection(TtrpcServer server, Stream stream) : IAsyncDisposable
{
    private static readonly MessageParser<Request> Requests = Request.Parser.WithDiscardUnknownFields(true);

    private readonly FrameReader _reader = new(stream, server.Budget);
    private readonly FrameWriter _writer = new(stream);
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<uint, Task> _running = [];
    private long _bytesInFlight;
    private uint _lastStreamId;

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (await _reader.ReadAsync(cancellation) is { } frame)
            {
                bool running = false;
                try
                {
                    running = await AcceptAsync(frame, cancellation);
                }
                finally
                {
                    if (!running)
                    {
                        server.Budget.Return(frame.Held);
                    }
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The peer went away; its handlers are ended in DisposeAsync.
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Task.WhenAll(_running.Values);
        _writer.Dispose();
        _closed.Dispose();
    }

    /// <returns>Whether a request is running, which gives its bytes back at its end.</returns>
    private async Task<bool> AcceptAsync(Frame frame, CancellationToken cancellation)
    {
        if (Refusal(frame) is { } refusal)
        {
            await AnswerAsync(frame.StreamId, refusal, cancellation);
            return false;
        }

        if (frame.Type != Frame.Request)
        {
            return false; // The specification lets a receiver ignore types it does not know; a response has no meaning here.
        }

        _lastStreamId = frame.StreamId;
        Request request;
        try
        {
            request = Requests.ParseFrom(frame.Data);
        }
        catch (InvalidProtocolBufferException)
        {
            await AnswerAsync(frame.StreamId, Failure(TtrpcStatus.InvalidArgument, "malformed request"), cancellation);
            return false;
        }

        Interlocked.Add(ref _bytesInFlight, frame.Length);
        server.Began();

        // The task removes itself, so it must be registered before it can end.
        TaskCompletionSource registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[frame.StreamId] = Task.Run(async () =>
        {
            await registered.Task;
            await ServeOneAsync(frame.StreamId, frame.Length, frame.Held, request);
        }, CancellationToken.None);
        registered.SetResult();
        return true;
    }

    private Response? Refusal(in Frame frame) => frame switch
    {
        { Oversized: true } => Failure(TtrpcStatus.ResourceExhausted, $"message length {frame.Length} exceeds the maximum of {BoundaryLimits.TtrpcMessageBytes}"),
        { Type: Frame.StreamData } => Failure(TtrpcStatus.InvalidArgument, "the stream is not active"),
        { Type: not Frame.Request } => null,
        { StreamId: var id } when id % 2 == 0 => Failure(TtrpcStatus.InvalidArgument, "a client's stream id must be odd"),
        { StreamId: var id } when id <= _lastStreamId => Failure(TtrpcStatus.InvalidArgument, "a stream id must be above the one before"),
        { Flags: var flags } when (flags & Frame.RemoteOpen) != 0 => Failure(TtrpcStatus.Unimplemented, "streaming calls are not offered"),
        _ when server.InFlight >= BoundaryLimits.ServerRequests => Failure(TtrpcStatus.ResourceExhausted, $"{BoundaryLimits.ServerRequests} requests of all connections are in flight"),
        _ when _running.Count >= BoundaryLimits.ConcurrentRequests => Failure(TtrpcStatus.ResourceExhausted, $"{BoundaryLimits.ConcurrentRequests} requests are in flight"),
        { Length: var length } when Interlocked.Read(ref _bytesInFlight) + length > BoundaryLimits.TtrpcBytesInFlight =>
            Failure(TtrpcStatus.ResourceExhausted, $"{BoundaryLimits.TtrpcBytesInFlight} bytes of requests are in flight"),
        _ => null,
    };

    private async Task ServeOneAsync(uint streamId, uint length, uint held, Request request)
    {
        try
        {
            Response response = await InvokeAsync(request);
            await AnswerAsync(streamId, response, _closed.Token);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Nobody is left to read the answer.
        }
        finally
        {
            Interlocked.Add(ref _bytesInFlight, -length);
            server.Ended();
            server.Budget.Return(held);
            _running.TryRemove(streamId, out _);
        }
    }

    private async Task<Response> InvokeAsync(Request request)
    {
        if (server.Find(request.Service, request.Method) is not { } handler)
        {
            return Failure(TtrpcStatus.Unimplemented, server.Knows(request.Service) ? "no such method" : "no such service");
        }

        using CancellationTokenSource? deadline = Deadline(request.TimeoutNano);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, deadline?.Token ?? CancellationToken.None);
        try
        {
            IMessage answer = await handler(request.Payload.Memory, either.Token);
            return new Response { Status = new Status(), Payload = answer.ToByteString() };
        }
        catch (TtrpcException refused)
        {
            return Failure(refused.Status, refused.Message);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return deadline is { IsCancellationRequested: true }
                ? Failure(TtrpcStatus.DeadlineExceeded, "the time allowed for the call has passed")
                : Failure(TtrpcStatus.Cancelled, "the connection was closed");
        }
        catch (Exception unexpected)
        {
            server.Report(request.Service, request.Method, unexpected);
            return Failure(TtrpcStatus.Internal, "internal error");
        }
    }

    private CancellationTokenSource? Deadline(long nanoseconds)
    {
        if (nanoseconds <= 0)
        {
            return null;
        }

        // Rounded up; divided first, since the caller may name any number of nanoseconds.
        long milliseconds = Math.Min(((nanoseconds - 1) / 1_000_000) + 1, int.MaxValue);
        return new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), server.Time);
    }

    private async Task AnswerAsync(uint streamId, Response response, CancellationToken cancellation)
    {
        try
        {
            await _writer.WriteAsync(streamId, Frame.Response, response, cancellation);
        }
        catch (TtrpcException oversized)
        {
            await _writer.WriteAsync(streamId, Frame.Response, Failure(oversized.Status, oversized.Message), cancellation);
        }
    }

    private static Response Failure(TtrpcStatus status, string message) =>
        new() { Status = new Status { Code = (int)status, Message = message } };
}
