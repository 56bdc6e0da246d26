using System.Net;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Policy.Rules;

/// <summary>NetResolve, NetConnect, NetListen, NetAccept, NetDatagram.</summary>
internal static class NetworkRules
{
    public static Rule<NetResolve>[] Resolve { get; } =
    [
        new("NetResolve.name", (in Case<NetResolve> c) =>
        {
            string name = c.Request.Name;
            return c.Policy.Network.Egress.Any(e => e.IsNamed(name)) ? null
                : c.Refuse("network.egress", $"no egress has the name {Lookups.Shown(name)}", "name it under network.egress");
        }),
        new("NetResolve.pinned", (in Case<NetResolve> c) =>
        {
            string name = c.Request.Name;
            return !c.Policy.Network.Egress.Any(e => e.IsNamed(name) && !e.Addresses.IsEmpty) ? null
                : c.Refuse("network.egress", $"the policy has the addresses of {Lookups.Shown(name)}: it is never asked for outside");
        }),
    ];

    public static Rule<NetConnect>[] Connect { get; } =
    [
        new("NetConnect.destination", (in Case<NetConnect> c) => Permitting(c) is not null ? null
            : c.Refuse("network.egress", $"no egress permits {Lookups.Shown(c.Request.Host)}, port {c.Request.Port}", "add it under network.egress")),
    ];

    public static Rule<NetListen>[] Listen { get; } =
    [
        new("NetListen.port", (in Case<NetListen> c) => Open(c.Policy, c.Request.Port) is not null ? null : c.Refuse("network.ingress", $"no ingress has port {c.Request.Port}", "add it under network.ingress")),
    ];

    public static Rule<NetAccept>[] Accept { get; } =
    [
        new("NetAccept.port", (in Case<NetAccept> c) => Open(c.Policy, c.Request.Port) is not null ? null : c.Refuse("network.ingress", $"no ingress has port {c.Request.Port}", "add it under network.ingress")),
    ];

    public static Rule<NetDatagram>[] Datagram { get; } =
    [
        new("NetDatagram.built", (in Case<NetDatagram> c) => Lookups.NotBuilt(c, "network.egress", "protocol: udp; names are resolved by the guest itself")),
    ];

    /// <summary>The first entry that permits a connection; the one that insists on TLS before others.</summary>
    public static EgressEntry? Permitting(in Case<NetConnect> c)
    {
        if (!IPAddress.TryParse(c.Request.Host, out IPAddress? address))
        {
            return null;
        }

        NetConnect request = c.Request;
        return c.Policy.Network.Egress.Where(e => e.Permits(address, request.Port, request.Names)).OrderByDescending(e => e.RequireTls).FirstOrDefault();
    }

    public static IngressEntry? Open(PolicyDocument policy, int port) => policy.Network.Ingress.FirstOrDefault(i => i.Port == port);

    public static Plan ConnectPlan(in Case<NetConnect> c) =>
        new ConnectPlan(IPAddress.TryParse(c.Request.Host, out IPAddress? address) ? address : IPAddress.None, c.Request.Port, Permitting(c) ?? new EgressEntry(c.Request.Host, c.Request.Port, false, "", false));

    public static Plan PortPlan(PolicyDocument policy, DecisionPoint point, int port) => new PortPlan(point, Open(policy, port) ?? new IngressEntry(port, false));

    /// <summary>What of the network this version cannot carry out yet.</summary>
    public static string? Unbuilt(NetworkEntry network) =>
        network.Egress.Any(e => e.Udp) ? "protocol: udp"
        : network.Egress.Any(e => e.RequireTls) ? "tls: require"
        : network.Ingress.Any(i => i.TerminateTls) ? "tls: terminate"
        : null;
}
