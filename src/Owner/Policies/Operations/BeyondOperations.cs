using System.Globalization;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Owner sessions, and what the guest asks of the host.</summary>
internal static class BeyondOperations
{
    private const string Id = Scene.Container;

    /// <summary>An address of documentation networks (RFC 5737), for peers that the policy knows by name.</summary>
    private const string Resolved = "192.0.2.7", Elsewhere = "203.0.113.77";

    public static void Add(Inventory inventory, Vocabulary vocabulary)
    {
        PolicyState attached = Scene.Attached(inventory.Policy);
        foreach (string owner in vocabulary.Owners.Append("anybody else"))
        {
            foreach (string container in vocabulary.Containers)
            {
                PolicyState state = inventory.Policy.Containers.FirstOrDefault(c => c.Name == container) is { } entry ? Scene.Running(inventory.Policy, entry) : attached;
                inventory.Ask(container, $"{owner} runs a process", state, new OwnerExec(owner, Id) { Args = ["/bin/any"] });
                inventory.Ask(container, $"{owner} attaches", state, new OwnerAttach(owner, Id));
                inventory.Ask(container, $"{owner} reads logs", state, new OwnerLogs(owner, Id));
                inventory.Ask(container, $"{owner} copies files in", state, new OwnerCopyIn(owner, Id));
                inventory.Ask(container, $"{owner} copies files out", state, new OwnerCopyOut(owner, Id));
                inventory.Ask(container, $"{owner} forwards a port", state, new OwnerForward(owner, Id));
                inventory.Ask(container, $"{owner} lists processes", state, new OwnerProcesses(owner, Id));
                inventory.Ask(container, $"{owner} reads statistics", state, new OwnerStats(owner, Id));
            }

            inventory.Ask("", $"{owner} reads the audit", attached, new OwnerAudit(owner));
        }

        Network(inventory, vocabulary, attached);
        foreach (string volume in vocabulary.Volumes)
        {
            inventory.Ask("", $"volume {volume}", attached, new FileOpen(volume));
        }

        inventory.Ask("", "any other volume", attached, new FileOpen("pavise-other"));
        inventory.Ask("", "the key broker", attached, new BrokerCall());
        inventory.Ask("", "evidence", attached, new TeeReport());
        inventory.Ask("", "the host's clock", attached, new ClockRead());
    }

    private static void Network(Inventory inventory, Vocabulary vocabulary, PolicyState state)
    {
        foreach (EgressEntry peer in vocabulary.Egress)
        {
            string what = $"{peer.Host}:{Text(peer.Port)}{(peer.Addresses.IsEmpty ? "" : $" at {string.Join(", ", peer.Addresses)}")}";
            if (peer.Range is null)
            {
                inventory.Ask("", peer.Host, state, new NetResolve(Name(peer)), "the name");
            }

            NetConnect connect = new(peer.Range?.BaseAddress.ToString() ?? (peer.Addresses.IsEmpty ? Resolved : peer.Addresses[0].ToString()), peer.Port) { Names = peer.Range is null ? [Name(peer)] : [] };
            inventory.Ask("", what, state, peer.Udp ? new NetDatagram(peer.Host, peer.Port) : connect, Tls(Pavise.Policy.Rules.NetworkRules.Permitting(new(inventory.Policy, state, connect))));
        }

        inventory.Ask("", "any other name", state, new NetResolve("other.invalid"));
        inventory.Ask("", "any other peer", state, new NetConnect(Elsewhere, 443));
        inventory.Ask("", "any other peer", state, new NetDatagram(Elsewhere, 53));
        foreach (int port in vocabulary.Ingress)
        {
            string tls = inventory.Policy.Network.Ingress.FirstOrDefault(i => i.Port == port)?.TerminateTls == true ? "the shield ends TLS" : "in clear, unless the application protects it";
            inventory.Ask("", $"port {Text(port)}", state, new NetListen(port), tls);
            inventory.Ask("", $"port {Text(port)}", state, new NetAccept(port), tls);
        }

        int free = Enumerable.Range(1, 65535).First(p => !vocabulary.Ingress.Contains(p));
        inventory.Ask("", "any other port", state, new NetListen(free));
        inventory.Ask("", "any other port", state, new NetAccept(free));
    }

    private static string Name(EgressEntry peer) => peer.Host.StartsWith("*.", StringComparison.Ordinal) ? $"x{peer.Host[1..]}" : peer.Host;

    private static string Tls(EgressEntry? entry) => entry is not { RequireTls: true } ? "in clear, unless the application protects it" : entry.CaSha256Hex.Length > 0 ? $"TLS, by the CA sha256:{entry.CaSha256Hex}" : "TLS, by any public CA";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
