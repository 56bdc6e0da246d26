using Google.Protobuf;

namespace Pavise.Boundary.Ttrpc;

/// <summary>Receives an exception that a handler should not have thrown; the caller learns only "internal error".</summary>
/// <param name="service">Service name.</param>
/// <param name="method">Method name.</param>
/// <param name="exception">What was thrown.</param>
public delegate void TtrpcFailureObserver(string service, string method, Exception exception);

/// <summary>
/// A ttrpc server of unary methods (containerd/ttrpc PROTOCOL.md). Register the methods first, then serve any number of connections.
/// Each connection is bounded: message length, requests in flight, bytes in flight; and so are all of them together (<see cref="BoundaryLimits"/>).
/// </summary>
/// <param name="time">Clock for the callers' time limits; the system's when null.</param>
/// <param name="unexpected">Told about handlers' unexpected exceptions.</param>
public sealed class TtrpcServer(TimeProvider? time = null, TtrpcFailureObserver? unexpected = null)
{
    private readonly Dictionary<(string Service, string Method), Func<ReadOnlyMemory<byte>, CancellationToken, Task<IMessage>>> _methods = [];

    private int _inFlight;

    /// <summary>Bytes of the requests of all connections.</summary>
    internal ByteBudget Budget { get; } = new(BoundaryLimits.ServerBytes);

    /// <summary>Requests of all connections that run.</summary>
    internal int InFlight => Volatile.Read(ref _inFlight);

    internal void Began() => Interlocked.Increment(ref _inFlight);

    internal void Ended() => Interlocked.Decrement(ref _inFlight);

    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>
    /// Registers a method. Not to be called once a connection is served. The handler gets the request message, encoded, and a token that is
    /// signalled when the caller's time has passed or the connection is gone.
    /// </summary>
    /// <exception cref="ArgumentException">The method is registered already.</exception>
    public void Add(string service, string method, Func<ReadOnlyMemory<byte>, CancellationToken, Task<IMessage>> handler) =>
        _methods.Add((service, method), handler);

    /// <summary>
    /// Serves one connection until the peer closes it, it breaks, or <paramref name="cancellation"/>. Requests run concurrently. On return
    /// every handler has ended. Does not dispose the stream.
    /// </summary>
    public async Task ServeAsync(Stream connection, CancellationToken cancellation)
    {
        await using ServerConnection served = new(this, connection);
        await served.RunAsync(cancellation);
    }

    internal Func<ReadOnlyMemory<byte>, CancellationToken, Task<IMessage>>? Find(string service, string method) => _methods.GetValueOrDefault((service, method));

    internal bool Knows(string service) => _methods.Keys.Any(key => key.Service == service);

    internal void Report(string service, string method, Exception exception) => unexpected?.Invoke(service, method, exception);
}
