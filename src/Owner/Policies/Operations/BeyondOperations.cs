using System.Globalization;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Owner sessions, and what the guest asks of the host.</summary>
internal static class BeyondOperations
{
    public static void Add(Inventory inventory, Vocabulary vocabulary)
    {
        PolicyState state = Scene.Attached(inventory.Policy);
        foreach (string owner in vocabulary.Owners)
        {
            foreach (string container in vocabulary.Containers)
            {
                inventory.Ask(container, $"{owner} runs a process", state, new OwnerExec(owner, Scene.Container));
                inventory.Ask(container, $"{owner} attaches", state, new OwnerAttach(owner, Scene.Container));
                inventory.Ask(container, $"{owner} reads logs", state, new OwnerLogs(owner, Scene.Container));
                inventory.Ask(container, $"{owner} copies files in", state, new OwnerCopyIn(owner, Scene.Container));
                inventory.Ask(container, $"{owner} copies files out", state, new OwnerCopyOut(owner, Scene.Container));
                inventory.Ask(container, $"{owner} forwards a port", state, new OwnerForward(owner, Scene.Container));
                inventory.Ask(container, $"{owner} lists processes", state, new OwnerProcesses(owner, Scene.Container));
                inventory.Ask(container, $"{owner} reads statistics", state, new OwnerStats(owner, Scene.Container));
            }

            inventory.Ask("", $"{owner} reads the audit", state, new OwnerAudit(owner));
        }

        foreach ((string host, int port, bool udp) in vocabulary.Egress)
        {
            string peer = $"{host}:{port.ToString(CultureInfo.InvariantCulture)}";
            inventory.Ask("", host, state, new NetResolve(host));
            inventory.Ask("", peer, state, udp ? new NetDatagram(host, port) : new NetConnect(host, port));
        }

        inventory.Ask("", "any other name", state, new NetResolve("other.invalid"));
        inventory.Ask("", "any other peer", state, new NetConnect("other.invalid", 443));
        inventory.Ask("", "any other peer", state, new NetDatagram("other.invalid", 53));
        foreach (int port in vocabulary.Ingress)
        {
            inventory.Ask("", $"port {port.ToString(CultureInfo.InvariantCulture)}", state, new NetListen(port));
            inventory.Ask("", $"port {port.ToString(CultureInfo.InvariantCulture)}", state, new NetAccept(port));
        }

        int free = Enumerable.Range(1, 65535).First(p => !vocabulary.Ingress.Contains(p));
        inventory.Ask("", "any other port", state, new NetListen(free));
        inventory.Ask("", "any other port", state, new NetAccept(free));
        foreach (string volume in vocabulary.Volumes)
        {
            inventory.Ask("", $"volume {volume}", state, new FileOpen(volume));
        }

        inventory.Ask("", "any other volume", state, new FileOpen("pavise-other"));
        inventory.Ask("", "the key broker", state, new BrokerCall());
        inventory.Ask("", "evidence", state, new TeeReport());
        inventory.Ask("", "the host's clock", state, new ClockRead());
    }
}
