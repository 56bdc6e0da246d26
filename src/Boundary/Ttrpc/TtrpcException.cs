namespace Pavise.Boundary.Ttrpc;

/// <summary>A call that ended with a status other than <see cref="TtrpcStatus.Ok"/>. Thrown by a handler, it is what the caller receives.</summary>
/// <param name="status">The status code that crosses the connection.</param>
/// <param name="message">The text that crosses the connection; in the guest it must hold nothing the host may not learn.</param>
public sealed class TtrpcException(TtrpcStatus status, string message) : Exception(message)
{
    /// <summary>The status code.</summary>
    public TtrpcStatus Status { get; } = status;
}
