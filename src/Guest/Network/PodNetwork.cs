using System.Net;
using Pavise.Boundary;
using Pavise.Boundary.Relay;
using Pavise.Guest.Boot;
using Pavise.Guest.Network.Kernel;
using Pavise.Guest.Shield;
using Pavise.Guest.Transport;

namespace Pavise.Guest.Network;

/// <summary>The network of a pod whose policy has one: interface, packet rules, resolver, connections out and in.</summary>
internal sealed class PodNetwork(GuestEnvironment environment, IBoundaryTransport transport, PolicyShield shield, Func<IReadOnlyList<string>, string, Task<int>> tool, TimeProvider time)
{
    private const string RuleProgram = "/usr/sbin/nft";
    private const int MessageChars = 512;

    private readonly PodInterface podInterface = new();

    /// <summary>Makes it. Nothing may be created before this has succeeded.</summary>
    /// <param name="modules">Completes when the kernel has its packet rules.</param>
    /// <exception cref="IOException">The kernel, or the rule program, refused.</exception>
    public async Task StartAsync(Task modules)
    {
        Policy.Model.NetworkEntry network = shield.Policy.Network;
        RelayLoop loop = new(new RelayKernel());
        HostNetwork host = new(transport, loop, time);
        Task<IReadOnlyList<IPAddress>> told = ToldAsync(host);
        await modules;
        PodAddresses addresses = PodAddresses.Validated(await told, network);
        podInterface.Make(addresses);
        NameTable names = new(time);
        SemaphoreSlim free = new(BoundaryLimits.NetConnections);
        new Egress(shield, host, loop, names, free).Start();
        new ResolverSockets(new GuestResolver(network, addresses, shield, host, names, NamedAddresses.Add, time), time).Start();
        NetworkFiles.Write(NetworkFiles.Folder(environment.WorkDirectory), network, addresses, shield.Policy.Sandbox.Hostname);
        await RuleAsync(PacketRules.Write(network, addresses.All));
        new Ingress(network, shield, host, loop, addresses, free, time).Start();
    }

    private static async Task<IReadOnlyList<IPAddress>> ToldAsync(HostNetwork host)
    {
        try
        {
            return (await host.AddressesAsync(CancellationToken.None)).Validate(a => a.Errno == 0 ? a.Addresses : []);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or System.Net.Sockets.SocketException)
        {
            // The pod then has an address that is nobody's.
            return [];
        }
    }

    private async Task RuleAsync(string rules)
    {
        string folder = NetworkFiles.Folder(environment.WorkDirectory), file = Path.Combine(folder, "rules"), output = Path.Combine(folder, "rules.log");
        await File.WriteAllTextAsync(file, rules);
        int status = await tool([RuleProgram, "-f", file], output);
        if (status != 0)
        {
            string said = await File.ReadAllTextAsync(output);
            throw new IOException($"the packet rules were not taken (status {status}): {said[..Math.Min(said.Length, MessageChars)].Trim()}");
        }
    }
}
