using System.Net;
using Pavise.Policy.Model;

namespace Pavise.Policy.Plans;

/// <summary>Connect to an address.</summary>
/// <param name="Address">Where to.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Entry">What permits it.</param>
public sealed record ConnectPlan(IPAddress Address, int Port, EgressEntry Entry) : Plan(DecisionPoint.NetConnect);

/// <summary>Ask the host for the addresses of a name.</summary>
public sealed record ResolvePlan(string Name) : Plan(DecisionPoint.NetResolve);

/// <summary>Open a port, or take a connection to one.</summary>
/// <param name="Point">NetListen or NetAccept.</param>
/// <param name="Entry">What permits it.</param>
public sealed record PortPlan(DecisionPoint Point, IngressEntry Entry) : Plan(Point);
