namespace Pavise.Policy.Requests;

/// <summary>A request of the guest to the host.</summary>
public abstract record HostCallRequest(DecisionPoint Point) : Request(Point);

/// <summary>Resolve a name.</summary>
public sealed record NetResolve(string Name) : HostCallRequest(DecisionPoint.NetResolve);

/// <summary>Connect out.</summary>
public sealed record NetConnect(string Host, int Port) : HostCallRequest(DecisionPoint.NetConnect);

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
