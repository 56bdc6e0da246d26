using System.Collections.Concurrent;
using Google.Protobuf;

namespace Pavise.Boundary.Ttrpc;

/// <summary>
/// A ttrpc client of unary methods over any stream. Calls may run concurrently and share the connection. When the connection ends, every
/// pending and later call fails with <see cref="TtrpcStatus.Unavailable"/>.
/// </summary>
public sealed class TtrpcClient : IAsyncDisposable
{
    private static readonly MessageParser<Response> Responses = Response.Parser.WithDiscardUnknownFields(true);

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<Response>> _pending = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _reading;
    private long _nextStreamId = 1;
    private volatile bool _gone;

    /// <summary>Takes the stream over; it is disposed with the client.</summary>
    public TtrpcClient(Stream connection)
        : this(connection, TimeProvider.System)
    {
    }

    /// <summary>Takes the stream over; it is disposed with the client. Time limits of calls follow the given clock.</summary>
    public TtrpcClient(Stream connection, TimeProvider time)
    {
        _stream = connection;
        _time = time;
        _reader = new FrameReader(connection);
        _writer = new FrameWriter(connection);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Completion => _reading;

    /// <summary>Calls a method without a time limit.</summary>
    /// <exception cref="TtrpcException">The call failed; the status says why.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the server may still carry the request out.</exception>
    public Task<T> CallAsync<T>(string service, string method, IMessage request, MessageParser<T> parser, CancellationToken cancellation)
        where T : IMessage<T> => CallAsync(service, method, request, parser, Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>Calls a method; after <paramref name="timeout"/> the call fails with <see cref="TtrpcStatus.DeadlineExceeded"/>, here and at the server.</summary>
    /// <exception cref="TtrpcException">The call failed; the status says why.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the server may still carry the request out.</exception>
    public async Task<T> CallAsync<T>(string service, string method, IMessage request, MessageParser<T> parser, TimeSpan timeout, CancellationToken cancellation)
        where T : IMessage<T>
    {
        Request envelope = new() { Service = service, Method = method, Payload = request.ToByteString() };
        using CancellationTokenSource? deadline = timeout == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(timeout, _time);
        if (deadline is not null)
        {
            envelope.TimeoutNano = Math.Max(1, timeout.Ticks * 100);
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline?.Token ?? CancellationToken.None);
        Response response;
        try
        {
            response = await ExchangeAsync(envelope, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && deadline is { IsCancellationRequested: true })
        {
            throw new TtrpcException(TtrpcStatus.DeadlineExceeded, $"{method} was not answered in time");
        }

        if (response.Status is { Code: not 0 } status)
        {
            throw new TtrpcException((TtrpcStatus)status.Code, status.Message);
        }

        try
        {
            return parser.ParseFrom(response.Payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new TtrpcException(TtrpcStatus.Internal, $"malformed answer to {method}");
        }
    }

    /// <summary>Closes the connection; pending calls fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed.IsCancellationRequested)
        {
            return;
        }

        await _disposed.CancelAsync();
        await _stream.DisposeAsync();
        await _reading;
    }

    private static TtrpcException Unavailable() => new(TtrpcStatus.Unavailable, "the connection is closed");

    private async Task<Response> ExchangeAsync(Request envelope, CancellationToken cancellation)
    {
        TaskCompletionSource<Response> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        uint streamId = 0;
        try
        {
            Task written;
            await _turn.WaitAsync(cancellation);
            try
            {
                // Ids must reach the server in ascending order: numbering and queueing are one step.
                streamId = NextStreamId();
                _pending[streamId] = answer;
                written = _gone ? Task.FromException(Unavailable()) : _writer.WriteAsync(streamId, Frame.Request, envelope, cancellation);
            }
            finally
            {
                _turn.Release();
            }

            await written;
            return await answer.Task.WaitAsync(cancellation);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            throw Unavailable();
        }
        finally
        {
            _pending.TryRemove(streamId, out _);
        }
    }

    private uint NextStreamId()
    {
        if (_nextStreamId > uint.MaxValue)
        {
            throw new TtrpcException(TtrpcStatus.ResourceExhausted, "the connection's stream ids are used up; connect again");
        }

        uint id = (uint)_nextStreamId;
        _nextStreamId += 2;
        return id;
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadAsync(_disposed.Token) is { } frame)
            {
                if (frame.Type == Frame.Response && _pending.TryRemove(frame.StreamId, out TaskCompletionSource<Response>? call))
                {
                    Complete(call, frame);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The calls below learn it.
        }
        finally
        {
            _gone = true;
            foreach (uint id in _pending.Keys)
            {
                if (_pending.TryRemove(id, out TaskCompletionSource<Response>? call))
                {
                    call.TrySetException(Unavailable());
                }
            }
        }
    }

    private static void Complete(TaskCompletionSource<Response> call, in Frame frame)
    {
        if (frame.Oversized)
        {
            call.TrySetException(new TtrpcException(TtrpcStatus.ResourceExhausted, $"answer length {frame.Length} exceeds the maximum of {BoundaryLimits.TtrpcMessageBytes}"));
            return;
        }

        try
        {
            call.TrySetResult(Responses.ParseFrom(frame.Data));
        }
        catch (InvalidProtocolBufferException)
        {
            call.TrySetException(new TtrpcException(TtrpcStatus.Internal, "malformed answer"));
        }
    }
}
