using System.Collections.Immutable;

namespace Pavise.Policy.Requests;

/// <summary>A request of the guest to the host.</summary>
public abstract record HostCallRequest(DecisionPoint Point) : Request(Point);

/// <summary>Resolve a name.</summary>
public sealed record NetResolve(string Name) : HostCallRequest(DecisionPoint.NetResolve);

/// <summary>Connect out.</summary>
/// <param name="Host">The address.</param>
/// <param name="Port">TCP port.</param>
public sealed record NetConnect(string Host, int Port) : HostCallRequest(DecisionPoint.NetConnect)
{
    /// <summary>Names that the shield's resolver gave this address for, not long ago.</summary>
    public ImmutableArray<string> Names { get; init; } = [];
}

/// <summary>Listen.</summary>
public sealed record NetListen(int Port) : HostCallRequest(DecisionPoint.NetListen);

/// <summary>Accept a connection.</summary>
public sealed record NetAccept(int Port) : HostCallRequest(DecisionPoint.NetAccept);

/// <summary>Send a datagram and hear its answer.</summary>
public sealed record NetDatagram(string Host, int Port) : HostCallRequest(DecisionPoint.NetDatagram);

/// <summary>File host calls of a shared volume.</summary>
public sealed record FileOpen(string Volume) : HostCallRequest(DecisionPoint.FileOpen);

/// <summary>Open a stream to the key broker.</summary>
public sealed record BrokerCall() : HostCallRequest(DecisionPoint.BrokerCall);

/// <summary>Ask for evidence.</summary>
public sealed record TeeReport() : HostCallRequest(DecisionPoint.TeeReport);

/// <summary>Read the host's clock.</summary>
public sealed record ClockRead() : HostCallRequest(DecisionPoint.ClockRead);
